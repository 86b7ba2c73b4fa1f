"""Clients of live streams, and live streams with fake services."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from starlette.types import Message, Scope

from gateway.live.source import SlotKind
from gateway.live.streams import LiveStreams
from gateway.live.watchers import Watchers
from gateway.proxy import Proxy, http_client
from gateway.settings import GatewaySettings
from shared.auth import Principal
from shared.errors import UnauthenticatedError
from shared.rights import Role
from tests.fakes import until
from tests.unit.gateway.fake_services import FakeServices
from tests.unit.gateway.serving import serving

FAR = 4_000_000_000.0
NUMBER = "RB-VZ1Y-SSDQ-0"
SETTINGS = GatewaySettings.model_fields
MAX_OPEN: dict[SlotKind, int] = {
    "account": SETTINGS["streams_per_account"].default,
    "request": SETTINGS["streams_per_request"].default,
    "network": SETTINGS["streams_per_address"].default,
}


class Client:
    """A client of a stream, on the ASGI side."""

    def __init__(self, path: str = "/api/v1/events", query: str = "") -> None:
        self.scope: Scope = {
            "type": "http",
            "path": path,
            "query_string": query.encode(),
            "client": ("10.0.0.1", 1),
            "headers": [],
        }
        self.text = ""
        self.status = 0
        self.ended = False
        self.left = asyncio.Event()

    async def receive(self) -> Message:
        """The client sends nothing until it disconnects."""
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        """Receive a part of the response."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.text += message["body"].decode()
            self.ended = not message.get("more_body", False)

    def ids(self) -> list[str]:
        """The ids of the steps that were sent."""
        return [block.split("\n")[0][4:] for block in self.text.split("\n\n") if "\nevent: request" in block]


def somebody(citizen: str = "citizen-1", expires: float = FAR) -> Principal:
    """A signed-in citizen."""
    return Principal(citizen, Role.CITIZEN, None, "session-1", expires)


def officer(department: str = "works") -> Principal:
    """A signed-in officer."""
    return Principal(f"officer of {department}", Role.OFFICER, department, "session-2", FAR)


class Live:
    """Streams with fake services."""

    def __init__(self, services: FakeServices, proxy: Proxy, **limits: Any) -> None:
        self.services = services
        self.watchers = Watchers()
        max_open = {kind: limits.pop(kind, usual) for kind, usual in MAX_OPEN.items()}
        given = {"every": 30.0, "max_open": max_open, "max_total": 1000, **limits}
        self.ended_sessions: set[str | None] = set()
        self.streams = LiveStreams(proxy, self.watchers, self.admit, **given)
        self.tasks: list[asyncio.Task[None]] = []

    async def admit(self, authorization: str | None) -> None:
        """Refuse a session that was ended."""
        if authorization in self.ended_sessions:
            raise UnauthenticatedError

    async def opened(
        self, there: Client, principal: Principal | str, headers: dict[str, str] | None = None
    ) -> asyncio.Task[None]:
        """Open a stream and wait until it has begun."""
        stream = self.streams.serve(there.scope, there.receive, there.send, headers or {}, principal)
        task = asyncio.create_task(stream)
        self.tasks.append(task)
        await until(lambda: bool(there.text) or task.done())
        return task


@asynccontextmanager
async def live(**limits: Any) -> AsyncIterator[Live]:
    """Streams that read only after a wake-up, for the time of a test."""
    services = FakeServices()
    async with serving(services.app()) as url, http_client() as http:
        opened = Live(services, Proxy(http, {"requests": [url], "routing": [url]}), **limits)
        yield opened
        for task in opened.tasks:
            task.cancel()
        await asyncio.gather(*opened.tasks, return_exceptions=True)
