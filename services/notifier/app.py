"""The notifier as an application."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path

import structlog
from fastapi import FastAPI

from services.notifier.api import callbacks, router
from services.notifier.channels.providers import providers_of
from services.notifier.settings import NotifierSettings
from services.notifier.wiring import NotifierStores, wire
from services.notifier.writing import checking
from services.notifier.writing.library import TextsBrokenError
from shared.application import service_app
from shared.auth import Authenticator
from shared.mongo import ServerClock, connect
from shared.routes import add_routes
from shared.runtime import checks, running
from shared.serve import STARTUP_FAILURE, refuse
from shared.sweep import sweep_forever

EXAMPLES = Path(__file__).with_name("examples.yaml")
PAUSE = 0.25
"""Seconds between two batches of events: no message is that urgent, and codes have their own queue."""

log = structlog.get_logger(__name__)


def build_app(settings: NotifierSettings) -> FastAPI:
    """The service as an ASGI application. Its lifespan opens connections and starts background tasks.

    Raises SystemExit if texts or settings are wrong; each mistake is a log line.
    """
    use_texts(settings)
    try:
        providers = providers_of(settings)
    except ValueError as error:
        refuse([str(error)])

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_notifier") as database:
            clock = ServerClock(database)
            await clock.measure()
            stores = NotifierStores(database, clock, settings)
            await stores.create_indexes(outbox=not settings.is_production)
            streams, courier, sweeps = wire(app.state, stores, settings, providers)
            publishing = {"notification": stores.contacts}
            async with running("notifier", settings, clock, stores=publishing, streams=streams, pause=PAUSE) as runtime:
                app.state.settings = settings
                app.state.authenticator = Authenticator(settings.jwks_url, settings.issuer)
                app.state.checks = checks(runtime, database)
                async with asyncio.TaskGroup() as tasks:
                    timers = [
                        tasks.create_task(courier.run()),
                        *(tasks.create_task(sweep_forever(*sweep)) for sweep in sweeps),
                    ]
                    try:
                        yield
                    finally:
                        for timer in timers:
                            timer.cancel()
                        await asyncio.gather(*timers, return_exceptions=True)  # messages under way need providers
                        for provider in chain.from_iterable(providers.values()):
                            await provider.close()

    app = service_app("notifier", router, EXAMPLES, lifespan)
    add_routes(app, callbacks.router, ignore_unknown_query=True)  # providers may add parameters to the address
    return app


def use_texts(settings: NotifierSettings) -> None:
    """Use our texts, replaced by those in the operator's folder."""
    try:
        checking.use_texts(settings.issuer, settings.dispute_days, settings.appeal_days, settings.texts)
    except TextsBrokenError as error:
        for fault in error.faults:
            log.error("texts.broken", fault=fault)
        raise SystemExit(STARTUP_FAILURE) from None
