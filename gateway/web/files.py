"""Files on pages: from a form to the service that keeps them, and from there to a browser that only saves them."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

import aiohttp
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.headers import outward
from gateway.streaming import MAX_FILE, UNKEPT, file_headers, hand_out
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

UNKNOWN_TYPE = "application/octet-stream"
PIECE = 64 * 1024
MAX_UPLOAD = MAX_FILE + 1_000_000
"""Bytes of a form with one file: what a file may have, and the fields beside it."""

ABOUT_A_FILE = (400, 408, 413, 415, 422)
"""How the service answers when another file would be taken; besides these, with codes such as `file-quota`."""


async def send_in(visit: Visit, path: str, file: UploadFile, key: str, headers: Mapping[str, str] | None = None) -> Any:
    """Hand a file of a form to an address of the API; what it answers. Raises RefusedError."""
    told = {
        "Content-Type": UNKNOWN_TYPE,  # the service looks at the content; what a form says could write a header
        "Content-Length": str(file.size or 0),
        "X-File-Name": quote(file.filename or ""),
    }
    async with visit.portal.stream("POST", path, _pieces(file), key=key, headers=told | dict(headers or {})) as answer:
        return json.loads(await answer.read())


def is_about_the_file(refused: RefusedError) -> bool:
    """Whether another file would be taken."""
    return refused.status in ABOUT_A_FILE or (refused.status < 500 and "file" in refused.code)


async def give_out(visit: Visit, path: str, headers: Mapping[str, str] | None = None, *, save_as: str = "") -> Response:
    """A file of the API as the answer, piece by piece; one of a person is to be saved, never shown and never kept.

    `save_as` names one that the API would show. Raises RefusedError.
    """
    async with AsyncExitStack() as stack:
        answer = await stack.enter_async_context(visit.portal.stream("GET", path, headers=headers))
        response = PassedOn(answer, stack.pop_all())
    if save_as:
        response.headers["Content-Disposition"] = f'attachment; filename="{save_as}"'
    return response


class PassedOn(Response):
    """An answer of a service on its way to the browser."""

    def __init__(self, answer: aiohttp.ClientResponse, open_until: AsyncExitStack) -> None:
        """`open_until` is closed once it was passed on."""
        super().__init__(status_code=answer.status)
        raw = answer.raw_headers
        known = [(name, value) for name, value in outward(raw) if name not in (UNKEPT[0], b"set-cookie")]
        self.raw_headers = file_headers(answer.status, raw, known, [UNKEPT])
        self._answer = answer
        self._open_until = open_until

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass it on."""
        async with self._open_until:
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            await hand_out(self._answer.content.iter_any(), send)


async def _pieces(file: UploadFile) -> AsyncIterator[bytes]:
    while piece := await file.read(PIECE):
        yield piece
