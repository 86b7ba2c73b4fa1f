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
from gateway.headers import security
from gateway.limits import Limits, NoLimits
from gateway.live import LiveStreams, Watchers
from gateway.openapi import Description
from gateway.proxy import Proxy, client
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
        async with client() as http:
            web.proxy = door.proxy = proxy = Proxy(http, settings.replicas())
            web.streams = door.streams = streams = LiveStreams(
                proxy,
                watchers,
                authenticator.principal,
                every=settings.stream_every,
                most={
                    "account": settings.streams_per_account,
                    "request": settings.streams_per_request,
                    "network": settings.streams_per_address,
                },
                in_all=settings.streams_in_all,
            )

            async def keys_ready() -> bool:
                async with http.get(settings.jwks_url) as answer:
                    return answer.status == 200

            async def live_ready() -> bool:
                return listening.is_set()

            app.state.settings = settings
            app.state.description = Description(proxy, settings.public_url)
            operators.state.checks = {"keys": keys_ready, "live": live_ready}
            ending_with_the_process(streams)
            hearing = asyncio.create_task(
                listen(
                    settings.amqp_url.get_secret_value(),
                    watchers.wake,
                    stopping,
                    on_listening=lambda there: listening.set() if there else listening.clear(),
                )
            )
            try:
                yield
            finally:
                streams.end()
                stopping.set()
                with suppress(TimeoutError):
                    await asyncio.wait_for(hearing, 2.0)

    own = FastAPI(
        title="Rabta gateway", version="1", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None
    )
    errors.install(own)
    own.include_router(pages.router)
    operators = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    errors.install(operators)
    operators.include_router(health.router)
    limits = Limits(factor=settings.rate_factor) if settings.rate_limits else NoLimits()
    authenticator = Authenticator(settings.jwks_url, settings.issuer)
    web = Web(settings, limits, authenticator)
    door = Door(
        own,
        limits,
        authenticator,
        security(https=settings.public_url.startswith("https:")),
        web,
        settings.trusted_proxies,
    )
    return beside(door, operators, settings.operator_port)


def beside(door: ASGIApp, operators: ASGIApp, port: int) -> ASGIApp:
    """The door, and on one port of this process what is for operators and nothing else.

    Which port somebody came by is what the socket says; no header is asked.
    """

    async def listening(scope: Scope, receive: Receive, send: Send) -> None:
        to_operators = scope["type"] == "http" and (scope.get("server") or ("", 0))[1] == port
        await (operators if to_operators else door)(scope, receive, send)

    return listening


def ending_with_the_process(streams: LiveStreams) -> None:
    """End the streams as soon as the order to stop comes, before the server waits for open requests to end."""
    former = signal.getsignal(signal.SIGTERM)
    if not callable(former):
        return
    loop = asyncio.get_running_loop()

    def end(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(streams.end)
        former(number, frame)

    with suppress(ValueError):  # not the main thread: whoever runs us there ends us otherwise
        signal.signal(signal.SIGTERM, end)
