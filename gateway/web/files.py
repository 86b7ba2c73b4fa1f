"""Files on pages: uploaded from a form to the service, and downloaded from the service to the browser."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import quote

import aiohttp
from starlette.datastructures import UploadFile
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.headers import returned_headers
from gateway.streaming import MAX_FILE, NO_STORE, file_headers, send_chunks
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

UNKNOWN_TYPE = "application/octet-stream"
CHUNK = 64 * 1024
MAX_UPLOAD = MAX_FILE + 1_000_000
"""Bytes of a form with one file: the largest file, and the other fields."""

FILE_STATUSES = (400, 408, 413, 415, 422)
"""Statuses with which a service refuses a file but would take another; the code may say so too (`file-quota`)."""


async def upload_file(
    visit: Visit, path: str, file: UploadFile, key: str, headers: Mapping[str, str] | None = None
) -> Any:
    """Send a file of a form to an address of the API; returns its response. Raises RefusedError."""
    headers = {
        "Content-Type": UNKNOWN_TYPE,  # the service looks at the content; the form's type could inject a header
        "Content-Length": str(file.size or 0),
        "X-File-Name": quote(file.filename or ""),
        **(headers or {}),
    }
    async with visit.portal.stream("POST", path, _chunks(file), key=key, headers=headers) as answer:
        return json.loads(await answer.read())


def is_file_problem(refused: RefusedError) -> bool:
    """Whether the service would take another file."""
    return refused.status in FILE_STATUSES or (refused.status < 500 and "file" in refused.code)


async def download(visit: Visit, path: str, headers: Mapping[str, str] | None = None, *, save_as: str = "") -> Response:
    """A file of the API as a streamed response. Browsers save people's files and neither show nor cache them.

    `save_as` is the file's name if the API itself would show the file. Raises RefusedError.
    """
    async with AsyncExitStack() as stack:
        answer = await stack.enter_async_context(visit.portal.stream("GET", path, headers=headers))
        response = StreamedFile(answer, stack.pop_all())
    if save_as:
        response.headers["Content-Disposition"] = f'attachment; filename="{save_as}"'
    return response


class StreamedFile(Response):
    """A service's response, streamed to the browser."""

    def __init__(self, answer: aiohttp.ClientResponse, stack: AsyncExitStack) -> None:
        """`stack` keeps the answer open, and is closed after streaming."""
        super().__init__(status_code=answer.status)
        raw = answer.raw_headers
        known = [(name, value) for name, value in returned_headers(raw) if name not in (NO_STORE[0], b"set-cookie")]
        self.raw_headers = file_headers(answer.status, raw, known, [NO_STORE])
        self._answer = answer
        self._stack = stack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Stream the file."""
        async with self._stack:
            start = {"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers}
            await send(start)
            await send_chunks(self._answer.content.iter_any(), send)


async def _chunks(file: UploadFile) -> AsyncIterator[bytes]:
    while chunk := await file.read(CHUNK):
        yield chunk
