"""The holder of a request: a citizen with an account, or a person with the key of a request filed without a name.

Both see the same pages and take the same steps. The API recognises the first by a token, the second by the key.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.web import files
from gateway.web.citizen.room import room
from gateway.web.portal import Reply, segment
from gateway.web.rooms import ANYBODY
from gateway.web.uploads import attachment_path
from gateway.web.visit import Handler, Visit

OWN, NAMELESS = "/my/requests", "/anonymous"
ADDRESSES = {"rate": "rating"}
"""Steps whose address in the API differs from their name."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One request and its holder. `key` is empty if the holder has an account."""

    visit: Visit
    number: str
    key: str = ""

    @property
    def named(self) -> bool:
        """Whether the request belongs to an account."""
        return not self.key

    @property
    def home(self) -> str:
        """The address of the request's page."""
        return f"{OWN if self.named else NAMELESS}/{self.number}"

    @property
    def api(self) -> str:
        """The address of the request in the API."""
        return f"/api/v1/requests/{self.number}"

    @property
    def headers(self) -> Mapping[str, str]:
        """The key as a header."""
        return {"Authorization": f"Key {self.key}"} if self.key else {}

    async def read(self) -> Reply:
        """The request in full. Raises RefusedError."""
        return await self.visit.portal.call("GET", self.api, headers=self.headers)

    async def act(self, act: str, body: Mapping[str, Any], key: str = "") -> Reply:
        """Take a step; `key` is the Idempotency-Key of a step that files something. Raises RefusedError."""
        if act == "correct":
            return await self.visit.portal.call("PATCH", self.api, body=dict(body), headers=self.headers)
        path = f"{self.api}/{ADDRESSES.get(act, act)}"
        return await self.visit.portal.call("POST", path, body=dict(body), key=key, headers=self.headers)

    async def add_file(self, file: UploadFile, key: str, document: str = "") -> None:
        """Add a file; `document` is the code of the document that it is. Raises RefusedError."""
        path = attachment_path(f"{self.api}/attachments", document)
        await files.upload_file(self.visit, path, file, key, self.headers)

    async def download(self, path: str) -> Response:
        """A file of the request, or its receipt. Raises RefusedError."""
        return await files.download(self.visit, f"{self.api}/{path}", self.headers)


HolderHandler = Callable[[Holder], Awaitable[Response]]
Adding = Callable[[HolderHandler], HolderHandler]


def on_get(path: str, **options: Any) -> Adding:
    """Add a page below the address of a request, for both kinds of holders."""
    return _adding(room.get, path, options)


def on_post(path: str, **options: Any) -> Adding:
    """Add the handler of a form below the address of a request, for both kinds of holders."""
    return _adding(room.post, path, options)


def _adding(method: Callable[..., Callable[[Handler], Handler]], path: str, options: dict[str, Any]) -> Adding:
    def add(handler: HolderHandler) -> HolderHandler:
        method(f"{OWN}/{{number}}{path}", **options)(_as_citizen(handler))
        method(f"{NAMELESS}/{{number}}{path}", roles=ANYBODY, **options)(_with_key(handler))
        return handler

    return add


def _as_citizen(handler: HolderHandler) -> Handler:
    async def handle(visit: Visit) -> Response:
        return await handler(Holder(visit, segment(visit.args["number"])))

    return handle


def _with_key(handler: HolderHandler) -> Handler:
    async def handle(visit: Visit) -> Response:
        number = segment(visit.args["number"])
        visit.private = True
        if number not in visit.session.keys:
            return visit.go(NAMELESS, number=number)
        return await handler(Holder(visit, number, visit.session.keys[number]))

    return handle
