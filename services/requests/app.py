"""The requests service as an ASGI application; `wiring` creates its use cases."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from services.requests import api
from services.requests.catalogue.files import read_entries
from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.files.checking.pool import Checkers
from services.requests.request.wakeups import RequestWakeUps
from services.requests.settings import RequestsSettings
from services.requests.stores import Stores
from services.requests.wiring import receipts_of, streams_of, sweeps_of, wire
from shared.application import service_app
from shared.auth import Authenticator
from shared.mongo import RecordStore, ServerClock, connect
from shared.runtime import checks, running
from shared.sweep import in_background, sweep_forever

CHECK_SECONDS = 30.0
"""Limit for checking one file."""
EXAMPLES = Path(__file__).with_name("examples.yaml")
PAUSE = 0.03
"""Seconds between two batches of events from other services; nobody notices so short a delay."""


def build_app(settings: RequestsSettings) -> FastAPI:
    """The application; its lifespan connects and runs the background tasks."""
    entries = read_entries(settings.catalogue_dir)  # a bad file stops the start, before anything is connected

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_requests") as database:
            clock = ServerClock(database)
            await clock.measure()
            stores = Stores(database, clock, settings)
            await stores.create_indexes()
            receipts = receipts_of(stores, settings)
            await receipts.prepare()
            wakeups = RequestWakeUps()
            stores.requests.on_written = wakeups.add
            app.state.settings = settings
            app.state.authenticator = Authenticator(settings.jwks_url, settings.issuer)
            publishing: dict[str, RecordStore[Any]] = {
                "request@requests": stores.requests,
                "service": stores.catalogue,
                "access": stores.accesses,
            }
            app.state.catalogue = Catalogue(stores.catalogue, stores.versions)
            async with Checkers.running(settings.check_processes, CHECK_SECONDS) as checkers:
                wire(app.state, stores, checkers, receipts, settings)
                async with running(
                    "requests", settings, clock, stores=publishing, streams=streams_of(stores), pause=PAUSE
                ) as runtime:
                    await app.state.publishing.publish_files(entries)
                    app.state.checks = checks(runtime, database)
                    close_days = sweep_forever("days", settings.day_every, app.state.days.close_due, at_once=True)
                    sweeps = [sweep_forever(*one) for one in sweeps_of(app.state, stores, settings, clock)]
                    async with in_background([wakeups.run(runtime.publisher), close_days, *sweeps]):
                        yield

    return service_app("requests", api.router, EXAMPLES, lifespan)
