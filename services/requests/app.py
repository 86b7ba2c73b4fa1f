"""Wiring of the requests service."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import partial

from fastapi import FastAPI

from services.requests import api, handlers
from services.requests.catalogue import Catalogue
from services.requests.clocks import take_due
from services.requests.filekeeping import file_keeping
from services.requests.fonts import find_fonts
from services.requests.hotpath import RequestsApp
from services.requests.models.catalogue import read_entries
from services.requests.models.request import CitizenCopy, Request
from services.requests.models.versions import DepartmentCopy
from services.requests.service.accesses import Accesses
from services.requests.service.anonymous import AnonymousDesk
from services.requests.service.appeals import Appeals
from services.requests.service.citizen import CitizenActs
from services.requests.service.clocks import Clocks
from services.requests.service.days import DayBook
from services.requests.service.drafts import Drafts
from services.requests.service.erasure import Erasure
from services.requests.service.export import Export
from services.requests.service.following import Following
from services.requests.service.intake import Intake
from services.requests.service.overriding import Overriding
from services.requests.service.proofs import Proofs
from services.requests.service.publishing import Publishing
from services.requests.service.reading import Reading
from services.requests.service.receipts import READ_AGAIN, Receipts
from services.requests.service.retention import Retention
from services.requests.service.search import WordIndex
from services.requests.service.similar import SimilarRequests
from services.requests.service.tracking import Tracking
from services.requests.settings import RequestsSettings
from services.requests.store import (
    AccessStore,
    CatalogueStore,
    CitizenStore,
    DayStore,
    DepartmentStore,
    DraftStore,
    GuessStore,
    ReceiptKeyStore,
    RequestStore,
    RetentionStore,
    VersionStore,
)
from services.requests.store.neighbours import Neighbours
from services.requests.wakeups import WakeUps
from shared import errors, health
from shared.auth import Authenticator
from shared.clock import utc_now
from shared.inbox import Inbox
from shared.mongo import OUTAGES, ServerClock, connect
from shared.runtime import Stream, checks, record_stream, running
from shared.sweep import sweep_forever


def build_app(settings: RequestsSettings) -> FastAPI:
    """The service as an ASGI application; it connects and starts its background side in its lifespan."""
    entries = read_entries(settings.catalogue_dir)  # a bad file stops the start, before anything is connected

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_requests") as database:
            clock = ServerClock(database)
            await clock.measure()
            marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
            requests = RequestStore(database["requests"], clock, keys=settings.keys, **marks)
            catalogue_store = CatalogueStore(database["catalogue"], clock, **marks)
            citizens = CitizenStore(database["citizens"], clock, **marks)
            guesses, day_store, archive = GuessStore(database), DayStore(database), VersionStore(database)
            drafts = DraftStore(database)
            departments = DepartmentStore(database["departments"], clock, **marks)
            for store in (requests, catalogue_store, citizens, guesses, day_store, archive, departments, drafts):
                await store.create_indexes()
            neighbours, retentions = Neighbours(database["requests"]), RetentionStore(database)
            await neighbours.create_indexes()
            await retentions.create_indexes()
            catalogue = Catalogue(catalogue_store, archive)
            publishing = Publishing(catalogue_store, archive, departments, catalogue)
            receipts = Receipts(
                ReceiptKeyStore(database),
                settings.keys,
                utc_now,
                days=settings.receipt_key_days,
                issuer=settings.issuer,
            )
            await receipts.prepare()
            words = WordIndex(settings.keys, catalogue.names_of)
            requests.before_write = words.index
            days = DayBook(day_store, receipts, utc_now, timedelta(seconds=settings.day_close_after))
            looks = AccessStore(database["accesses"], clock, **marks)
            await looks.create_indexes()
            accesses = Accesses(looks)
            wakeups = WakeUps()
            requests.on_written = wakeups.add
            streams: dict[str, Stream] = {
                "request@routing": record_stream(
                    requests, Inbox(requests, handlers.HANDLERS, lambda number: Request(id=number))
                ),
                "citizen": record_stream(
                    citizens, Inbox(citizens, handlers.CITIZEN_HANDLERS, lambda key: CitizenCopy(id=key))
                ),
                "department": record_stream(
                    departments, Inbox(departments, handlers.DEPARTMENT_HANDLERS, lambda code: DepartmentCopy(id=code))
                ),
            }
            async with (
                file_keeping(database, clock, requests, accesses, settings) as files,
                running(
                    "requests",
                    settings,
                    clock,
                    stores={"request@requests": requests, "service": catalogue_store, "access": looks},
                    streams=streams,
                ) as runtime,
            ):
                await publishing.publish_files(entries)
                app.state.settings = settings
                app.state.authenticator = Authenticator(settings.jwks_url, settings.issuer)
                app.state.catalogue = catalogue
                app.state.publishing = publishing
                app.state.attachments, app.state.room = files.attachments, files.room
                app.state.intake = Intake(
                    requests, catalogue, citizens, settings.keys, settings.waits, drafts, attachments=files.store
                )
                app.state.drafts = Drafts(drafts, catalogue, settings.keys)
                app.state.anonymous = AnonymousDesk(app.state.intake, requests, settings.keys)
                app.state.receipts = receipts
                app.state.days = days
                app.state.proofs = Proofs(requests, receipts, days, catalogue, find_fonts(settings.fonts_dir))
                app.state.acts = CitizenActs(requests, catalogue, citizens, settings.keys)
                appeals = Appeals(requests, settings.keys)
                clocks = Clocks(requests, errands=appeals.errands)
                app.state.appeals = appeals
                app.state.overriding = Overriding(requests, settings.keys)
                app.state.reading = Reading(requests, citizens, settings.keys, words, accesses)
                app.state.tracking = Tracking(requests, citizens, guesses, settings.keys, settings.track_limits)
                app.state.requests = requests
                app.state.similar = SimilarRequests(neighbours, catalogue, settings.keys)
                app.state.following = Following(requests, neighbours, catalogue, settings.keys)
                erasure = Erasure(citizens, requests, drafts, looks, files.store)
                app.state.export = Export(requests, app.state.drafts, settings.keys)
                retention = Retention(retentions, requests, looks, catalogue, settings.keep_days, clock.now)
                keep_no_longer = partial(retention.run_if_due, timedelta(seconds=settings.retention_every))
                app.state.checks = checks(runtime, database)
                sweeps: dict[str, tuple[float, Callable[[], Awaitable[object]]]] = {
                    "merges": (settings.merges_every, app.state.following.finish),
                    "erasure": (settings.erase_every, erasure.sweep),
                    "catalogue": (settings.catalogue_every, catalogue.refresh),
                    "retention": (settings.retention_look, keep_no_longer),
                    "receipt_keys": (READ_AGAIN, receipts.prepare),
                    "attachments": (settings.attachments_every, files.sweep.turn),
                    "clocks": (settings.clocks_every, partial(take_due, requests, clocks, settings.clocks_lease)),
                }
                async with asyncio.TaskGroup() as tasks:
                    timers = [
                        tasks.create_task(wakeups.run(runtime.publisher)),
                        tasks.create_task(sweep_forever("days", settings.day_every, days.close_due, at_once=True)),
                        *(tasks.create_task(sweep_forever(name, *sweep)) for name, sweep in sweeps.items()),
                    ]
                    try:
                        yield
                    finally:
                        for timer in timers:
                            timer.cancel()

    app = RequestsApp(OUTAGES, title="Rabta requests", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    errors.install(app, OUTAGES)
    app.include_router(api.router)
    app.include_router(health.router)
    return app
