"""Wiring of the notifier."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path

from fastapi import FastAPI

from services.notifier import api
from services.notifier.channels import providers_of
from services.notifier.choosing import Choosing
from services.notifier.code_reports import Receipts
from services.notifier.contacts import Contacts
from services.notifier.erasure import Erasure
from services.notifier.gathering import Gathering
from services.notifier.handlers import HANDLERS, contact_handlers
from services.notifier.models import Contact
from services.notifier.reading import Reading
from services.notifier.sending.courier import Courier
from services.notifier.service import CitizenStream, Notifier
from services.notifier.settings import NotifierSettings
from services.notifier.store import ContactStore, FollowerStore, NotificationStore
from services.notifier.store.moments import MomentStore
from shared import errors, health
from shared.answers import show_examples
from shared.auth import Authenticator
from shared.clock import utc_now
from shared.events import BY_TYPE, stream_of
from shared.inbox import Inbox
from shared.mongo import OUTAGES, ServerClock, connect
from shared.queries import OnlyKnown
from shared.runtime import Stream, checks, running
from shared.sweep import sweep_forever

EXAMPLES = Path(__file__).with_name("examples.yaml")


def build_app(settings: NotifierSettings) -> FastAPI:
    """The service as an ASGI application; it connects and starts its background side in its lifespan."""
    providers = providers_of(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_notifier") as database:
            clock = ServerClock(database)
            await clock.measure()
            marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
            contact_store = ContactStore(database["contacts"], clock, **marks)
            notifications = NotificationStore(database["notifications"])
            await contact_store.create_indexes()
            await notifications.create_indexes(outbox=not settings.is_production)
            contacts = Contacts(contact_store)
            followers = FollowerStore(database["followers"])
            await followers.create_indexes()
            receipts = Receipts(contact_store)
            gathering = Gathering(MomentStore(database["notifications"]))
            notifier = Notifier(
                contacts,
                notifications,
                followers,
                receipts,
                providers,
                settings.keys,
                utc_now,
                gathering=gathering,
                gather_for=settings.gather_for,
            )
            courier = Courier(
                contacts,
                notifications,
                receipts,
                providers,
                settings.keys,
                utc_now,
                every=settings.courier_every,
                lease=settings.courier_lease,
                outages=OUTAGES,
                gathering=gathering,
            )
            inbox = Inbox(contact_store, contact_handlers(settings.keys), lambda citizen: Contact(id=citizen))
            citizens = CitizenStream(inbox, contact_store, contacts, notifier)
            streams = {
                "citizen": Stream(list(inbox.types), citizens.take, citizens.seen),
                **{name: Stream(types_of(name), notifier.take, notifier.seen) for name in REQUEST_STREAMS},
            }
            speaking = {"notification": contact_store}
            async with running("notifier", settings, clock, stores=speaking, streams=streams) as runtime:
                app.state.settings = settings
                app.state.authenticator = Authenticator(settings.jwks_url, settings.issuer)
                app.state.choosing = Choosing(contact_store, contacts, settings.keys)
                app.state.reading = Reading(contact_store, notifications, settings.keys)
                app.state.checks = checks(runtime, database)
                erasure = Erasure(contact_store, notifications, followers)
                async with asyncio.TaskGroup() as tasks:
                    timers = [
                        tasks.create_task(courier.run()),
                        tasks.create_task(sweep_forever("erasure", settings.erase_every, erasure.sweep)),
                    ]
                    try:
                        yield
                    finally:
                        for timer in timers:
                            timer.cancel()
                        for provider in chain.from_iterable(providers.values()):
                            await provider.close()

    app = FastAPI(title="Rabta notifier", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    errors.install(app, OUTAGES)
    app.include_router(api.router, dependencies=[OnlyKnown])
    app.include_router(health.router)
    show_examples(app, EXAMPLES)
    return app


REQUEST_STREAMS = ("request@requests", "request@routing")


def types_of(stream: str) -> list[str]:
    """The types of a stream that make messages."""
    return [name for name in HANDLERS if stream_of(BY_TYPE[name]) == stream]
