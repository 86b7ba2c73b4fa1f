"""A small client of the public API for people and departments' software, which stay signed in."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from deploy.cli.transport import ApiError, Transport, TransportAnswer

API = "/api/v1"
RENEW_BEFORE = 60.0
PAGE = "100"


@dataclass(frozen=True)
class Grant:
    """An access token, and when it expires on the monotonic clock."""

    token: str
    until: float


class SignedInAccount:
    """A signed-in account, which signs in again when its token expires."""

    def __init__(self, transport: Transport, grant: Callable[[], Awaitable[Grant]]) -> None:
        self._transport = transport
        self._grant = grant
        self._granted: Grant | None = None
        self._signing_in = asyncio.Lock()

    async def sign_in(self) -> "SignedInAccount":
        """Sign in now. Raises ApiError 401 if the login is refused."""
        await self._token()
        return self

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> TransportAnswer:
        """One call under /api/v1 with this account's token."""
        token = await self._token()
        for again in (True, False):
            sent = {**(headers or {}), "Authorization": f"Bearer {token}"}
            try:
                return await self._transport.ask(method, API + path, body=body, headers=sent, query=query)
            except ApiError as error:
                if error.status != 401 or not again:
                    raise
            token = await self._token(refused=token)
        raise AssertionError("unreachable")

    async def pages(self, path: str, name: str) -> list[dict[str, Any]]:
        """All entries of a paged list."""
        found: list[dict[str, Any]] = []
        query = {"limit": PAGE}
        while True:
            answer = await self.ask("GET", path, query=query)
            found += answer.body[name]
            if not (cursor := answer.body.get("next")):
                return found
            query["cursor"] = cursor

    async def file(self, key: str, filing: Mapping[str, Any]) -> TransportAnswer:
        """File a request; the same key returns the same request."""
        return await self.ask("POST", "/requests", body=filing, headers={"Idempotency-Key": key})

    async def request(self, number: str) -> dict[str, Any]:
        """A request as this account may see it."""
        return (await self.ask("GET", f"/requests/{number}")).body

    async def do(self, number: str, step: str, body: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """A citizen's step: answer, confirm, dispute, withdraw."""
        return (await self.ask("POST", f"/requests/{number}/{step}", body=dict(body or {}))).body

    async def assignment(self, number: str) -> TransportAnswer:
        """An officer's assignment, with its ETag in the headers."""
        return await self.ask("GET", f"/assignments/{number}")

    async def act(
        self, number: str, action: str, body: Mapping[str, Any] | None = None, *, etag: str | None = None
    ) -> dict[str, Any]:
        """An officer's action: accept, ask, progress, transfer, resolve; without an ETag on the present revision."""
        tag = etag or (await self.assignment(number)).headers["ETag"]
        path = f"/assignments/{number}/{action}"
        return (await self.ask("POST", path, body=dict(body or {}), headers={"If-Match": tag})).body

    async def _token(self, refused: str | None = None) -> str:
        async with self._signing_in:
            known = self._granted
            if known is None or known.token == refused or known.until < time.monotonic():
                known = self._granted = await self._grant()
            return known.token


@dataclass
class DeviceLogin:
    """The known device of a citizen; `code` returns the code that a new device needs."""

    token: str | None
    code: Callable[[], Awaitable[str]]
    keep: Callable[[str], None]


def person(transport: Transport, login: str, password: str, device: DeviceLogin | None = None) -> SignedInAccount:
    """The account of a citizen (CNIC or mobile) or of a member of staff."""

    async def grant() -> Grant:
        body = {"login": login, "password": password}
        if device is not None and device.token:
            body["device"] = device.token
        answer = await transport.ask("POST", f"{API}/sessions", body=body, repeatable=True)
        if answer.status == 202 and device is not None and answer.body["next"] == "otp":
            path = f"{API}/sessions/{answer.body['challenge']}/otp"
            answer = await transport.ask("POST", path, body={"code": await device.code()})
            device.token = str(answer.body["device"])
            device.keep(device.token)
        return _granted(answer)

    return SignedInAccount(transport, grant)


def software(transport: Transport, user: str, secret: str) -> SignedInAccount:
    """The account of a department's software, with OAuth client credentials."""

    async def grant() -> Grant:
        form = {"grant_type": "client_credentials", "client_id": user, "client_secret": secret}
        return _granted(await transport.ask("POST", f"{API}/oauth/token", form=form, repeatable=True))

    return SignedInAccount(transport, grant)


async def catalogue(transport: Transport) -> dict[str, Any]:
    """All services and districts; waits for the transport's patience."""
    return (await transport.ask("GET", f"{API}/catalogue")).body


async def register(transport: Transport, form: Mapping[str, str], key: str) -> str:
    """Register; returns the id of the registration that waits for its code."""
    headers = {"Idempotency-Key": key}
    answer = await transport.ask("POST", f"{API}/registrations", body=dict(form), headers=headers)
    return str(answer.body["registration"])


async def verify(transport: Transport, registration: str, code: str) -> str:
    """Prove the mobile with a code; returns the token of the device. Raises ApiError 422 for a wrong code."""
    answer = await transport.ask("POST", f"{API}/registrations/{registration}/otp", body={"code": code})
    return str(answer.body["device"])


async def outbox(transport: Transport, mobile: str) -> list[dict[str, str]]:
    """The demo's messages to a mobile, newest first."""
    answer = await transport.ask("GET", "/dev/outbox", query={"format": "json", "to": mobile})
    messages: list[dict[str, str]] = answer.body["messages"]
    return messages


def _granted(answer: TransportAnswer) -> Grant:
    return Grant(answer.body["access_token"], time.monotonic() + answer.body["expires_in"] - RENEW_BEFORE)
