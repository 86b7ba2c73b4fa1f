"""The holder of a request: a citizen with an account, or somebody with the key of one that was filed without a name.

Both see the same page and take the same steps. The API knows the one by a token, the other by the key.
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
"""Of steps that the API has under another name than its history."""


@dataclass(frozen=True, slots=True)
class Holder:
    """One request in the hands of its holder. `key` is empty where the account opens it."""

    visit: Visit
    number: str
    key: str = ""

    @property
    def named(self) -> bool:
        """Whether an account stands behind it."""
        return not self.key

    @property
    def home(self) -> str:
        """The address of its page."""
        return f"{OWN if self.named else NAMELESS}/{self.number}"

    @property
    def api(self) -> str:
        """Its address in the API."""
        return f"/api/v1/requests/{self.number}"

    @property
    def headers(self) -> Mapping[str, str]:
        """What opens it in place of an account."""
        return {"Authorization": f"Key {self.key}"} if self.key else {}

    async def read(self) -> Reply:
        """The request whole. Raises RefusedError."""
        return await self.visit.portal.call("GET", self.api, headers=self.headers)

    async def act(self, act: str, body: Mapping[str, Any], key: str = "") -> Reply:
        """Take a step; `key` is the Idempotency-Key of one that files something. Raises RefusedError."""
        if act == "correct":
            return await self.visit.portal.call("PATCH", self.api, body=dict(body), headers=self.headers)
        path = f"{self.api}/{ADDRESSES.get(act, act)}"
        return await self.visit.portal.call("POST", path, body=dict(body), key=key, headers=self.headers)

    async def add_file(self, file: UploadFile, key: str, document: str = "") -> None:
        """Add a file, as the document with that code where one is named. Raises RefusedError."""
        path = attachment_path(f"{self.api}/attachments", document)
        await files.upload_file(self.visit, path, file, key, self.headers)

    async def remove_file(self, file: str) -> None:
        """Remove a file that was added from here. Raises RefusedError."""
        await self.visit.portal.call("DELETE", f"{self.api}/attachments/{file}", headers=self.headers)

    async def download(self, what: str) -> Response:
        """A file of the request, or its receipt. Raises RefusedError."""
        return await files.download(self.visit, f"{self.api}/{what}", self.headers)


HolderHandler = Callable[[Holder], Awaitable[Response]]
Keep = Callable[[HolderHandler], HolderHandler]


def shown_at(path: str, **how: Any) -> Keep:
    """Show a page below the address of a request, for both kinds of holders."""
    return _below(room.get, path, how)


def taken_at(path: str, **how: Any) -> Keep:
    """Take a form below the address of a request, for both kinds of holders."""
    return _below(room.post, path, how)


def _below(kept_by: Callable[..., Callable[[Handler], Handler]], path: str, how: dict[str, Any]) -> Keep:
    def keep(handler: HolderHandler) -> HolderHandler:
        kept_by(f"{OWN}/{{number}}{path}", **how)(_as_citizen(handler))
        kept_by(f"{NAMELESS}/{{number}}{path}", roles=ANYBODY, **how)(_with_key(handler))
        return handler

    return keep


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
