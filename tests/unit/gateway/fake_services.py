"""A fake of all services behind the gateway, which records the requests that it receives."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from gateway.app import build_app
from gateway.settings import GatewaySettings
from tests.unit.gateway.serving import JWKS, serving

WEB_KEY = base64.b64encode(b"w" * 32).decode()
NOWHERE = "amqp://nobody:nothing@127.0.0.1:1/rabta"


@dataclass
class FakeServices:
    """Answers `answer` to everything, except for the keys and the streams' reads."""

    answer: Response | None = None
    seen: list[Request] = field(default_factory=list)
    bodies: list[bytes] = field(default_factory=list)
    updates: list[dict[str, Any]] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    status: int = 200
    openapi: dict[str, Any] = field(default_factory=dict)
    hold: asyncio.Event | None = None

    def app(self) -> Starlette:
        """The application."""
        return Starlette(
            routes=[
                Route("/.well-known/jwks.json", self._keys),
                Route("/.well-known/revoked-sessions", self._ended),
                Route("/openapi.json", self._openapi),
                Route("/api/v1/requests/updates", self._updates),
                Route("/api/v1/track/{number}/updates", self._updates),
                Route("/api/v1/assignments/updates", self._updates),
                Route("/{path:path}", self._any, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
            ]
        )

    def happened(self, name: str, **more: Any) -> None:
        """One more step."""
        self.updates.append({"id": name, "request": "RB-7F3K-9Q2M-X", "state": "routed", **more})

    async def _keys(self, _: Request) -> Response:
        return JSONResponse(JWKS)

    async def _ended(self, _: Request) -> Response:
        return JSONResponse({"ended": []})

    async def _openapi(self, _: Request) -> Response:
        return JSONResponse(self.openapi)

    async def _updates(self, request: Request) -> Response:
        self.seen.append(request)
        after = request.query_params["after"]
        self.reads.append(after)
        if self.status != 200:
            return JSONResponse({"status": self.status}, self.status)
        ids = [update["id"] for update in self.updates]
        if not after:
            return JSONResponse({"updates": [], "next": ids[-1] if ids else "now"})
        # As the real one may: what the cursor names comes once more.
        place = ids.index(after) if after in ids else 0
        found = self.updates[place : place + int(request.query_params.get("limit", 100))]
        return JSONResponse({"updates": found, "next": found[-1]["id"] if found else after})

    async def _any(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.seen.append(request)
        if self.hold is not None:
            await self.hold.wait()
        return self.answer or JSONResponse({"path": request.url.path, "query": request.url.query})


@asynccontextmanager
async def gateway_before(services: FakeServices, **settings: Any) -> AsyncIterator[str]:
    """The URL of a gateway with these services and without a broker."""
    async with serving(services.app()) as url, serving(build_app(settings_for(url, **settings))) as gateway:
        yield gateway


def settings_for(url: str, **more: Any) -> GatewaySettings:
    """Settings of a gateway whose services are all at `url`."""
    names = ("identity_url", "requests_url", "routing_url", "notifier_url")
    values = {"env": "test", "jwks_url": f"{url}/.well-known/jwks.json", "amqp_url": NOWHERE, "web_key": WEB_KEY}
    return GatewaySettings.model_validate({**values, **dict.fromkeys(names, url), **more})
