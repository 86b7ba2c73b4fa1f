"""Wiring of the gateway."""

import asyncio
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import FrameType

from fastapi import FastAPI
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import pages
from gateway.door import Door
from gateway.headers import security_headers
from gateway.limits import LIMITS, Limits
from gateway.live.streams import LiveStreams
from gateway.live.watchers import Watchers
from gateway.open311.server import Open311
from gateway.openapi import ApiDescription
from gateway.proxy import Proxy, http_client
from gateway.settings import GatewaySettings
from gateway.web.app import Web
from shared import errors, health
from shared.auth import Authenticator
from shared.bus.live import listen


def build_app(settings: GatewaySettings) -> ASGIApp:
    """The gateway as an ASGI application; it connects and starts listening in its lifespan."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        stopping, listening = asyncio.Event(), asyncio.Event()
        watchers = Watchers()
        async with http_client() as http:
            web.proxy = door.proxy = open311.proxy = proxy = Proxy(http, settings.replicas())
            web.streams = door.streams = streams = LiveStreams(
                proxy,
                watchers,
                authenticator.principal,
                every=settings.stream_every,
                max_open={
                    "account": settings.streams_per_account,
                    "request": settings.streams_per_request,
                    "network": settings.streams_per_address,
                },
                max_total=settings.streams_in_all,
            )

            async def keys_ready() -> bool:
                async with http.get(settings.jwks_url) as answer:
                    return answer.status == 200

            async def live_ready() -> bool:
                return listening.is_set()

            app.state.settings = settings
            app.state.description = ApiDescription(proxy, settings.public_url)
            operators.state.checks = {"keys": keys_ready, "live": live_ready}
            end_on_sigterm(streams)
            listener = asyncio.create_task(
                listen(
                    settings.amqp_url.get_secret_value(),
                    watchers.wake,
                    stopping,
                    on_listening=lambda connected: listening.set() if connected else listening.clear(),
                )
            )
            try:
                yield
            finally:
                streams.end()
                stopping.set()
                with suppress(TimeoutError):
                    await asyncio.wait_for(listener, 2.0)
                proxy.close()

    own = FastAPI(
        title="Rabta gateway", version="1", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    errors.install(own)
    own.include_router(pages.router)
    operators = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    errors.install(operators)
    operators.include_router(health.router)
    limits = Limits(LIMITS if settings.rate_limits else {}, factor=settings.rate_factor)
    authenticator = Authenticator(settings.jwks_url, settings.issuer)
    web = Web(settings, limits, authenticator)
    security = security_headers(https=settings.public_url.startswith("https:"))
    open311 = Open311(limits, settings.public_url, settings.security_contact)
    door = Door(own, limits, authenticator, security, web, open311, settings.trusted_proxies)
    return by_port(door, operators, settings.operator_port)


def by_port(door: ASGIApp, operators: ASGIApp, operator_port: int) -> ASGIApp:
    """The door on all ports of this process but one, which serves only the operators' routes.

    The socket says which port a request came by; no header can.
    """

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        for_operators = scope["type"] == "http" and (scope.get("server") or ("", 0))[1] == operator_port
        await (operators if for_operators else door)(scope, receive, send)

    return app


def end_on_sigterm(streams: LiveStreams) -> None:
    """End the streams as soon as the process is told to stop, before the server waits for open requests."""
    former = signal.getsignal(signal.SIGTERM)
    if not callable(former):
        return
    loop = asyncio.get_running_loop()

    def end(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(streams.end)
        former(number, frame)

    with suppress(ValueError):  # not in the main thread, where no signals arrive
        signal.signal(signal.SIGTERM, end)
