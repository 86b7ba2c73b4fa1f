"""Wiring of the notifier."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path

import structlog
from fastapi import FastAPI

from services.notifier import api
from services.notifier.callbacks import Callbacks
from services.notifier.channels.providers import providers_of
from services.notifier.choosing import Choosing
from services.notifier.combining import Combining
from services.notifier.contacts import Contacts
from services.notifier.erasure import Erasure
from services.notifier.handlers import HANDLERS, contact_handlers
from services.notifier.inbound.answering import Answering
from services.notifier.models import EMAIL, SMS, Contact
from services.notifier.officers.wiring import officers_of
from services.notifier.reaching import Reaching
from services.notifier.read_marks import ReadMarks
from services.notifier.reading import Reading
from services.notifier.sending.courier import Courier
from services.notifier.sending.fallback import Fallback
from services.notifier.sending.mailbox import Mailbox
from services.notifier.sending.reports import Reports
from services.notifier.service import CitizenStream, Notifier
from services.notifier.settings import NotifierSettings
from services.notifier.store import CallbackStore, ContactStore, FollowerStore, NotificationStore, StaffContactStore
from services.notifier.store.combining import CombiningStore
from services.notifier.store.rates import RateStore
from services.notifier.store.read_marks import ReadMarkStore
from services.notifier.store.senders import SenderStore
from services.notifier.trying import Trying
from services.notifier.writing import checking
from services.notifier.writing.library import TextsBrokenError
from shared import errors, health
from shared.answers import show_examples
from shared.auth import Authenticator
from shared.clock import utc_now
from shared.events import BY_TYPE, stream_of
from shared.inbox import Inbox
from shared.mongo import OUTAGES, ServerClock, connect
from shared.queries import OnlyKnown
from shared.runtime import Stream, checks, running
from shared.serve import STARTUP_FAILURE, refuse
from shared.sweep import sweep_forever

log = structlog.get_logger(__name__)

MEASURED_EVERY = 10.0
EXAMPLES = Path(__file__).with_name("examples.yaml")


def build_app(settings: NotifierSettings) -> FastAPI:
    """The service as an ASGI application; it connects and starts its background side in its lifespan.

    Raises SystemExit where texts or settings are wrong: each fault is a line of the log.
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
            marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
            contact_store = ContactStore(database["contacts"], clock, **marks)
            notifications = NotificationStore(database["notifications"])
            await contact_store.create_indexes()
            await notifications.create_indexes(outbox=not settings.is_production)
            staff = StaffContactStore(database["staff_contacts"], clock, **marks)
            contacts = Contacts(
                contact_store, settings.keys, utc_now, staff, frozenset({SMS, EMAIL} - providers.keys())
            )
            officers = await officers_of(database, clock, staff, notifications, providers, settings)
            followers = FollowerStore(database["followers"])
            await followers.create_indexes()
            fallback = Fallback(contacts, providers, settings.keys, utc_now)
            reports = Reports(notifications, contacts, fallback, utc_now)
            callback_store = CallbackStore(database["early_reports"], database["inbound"], utc_now)
            await callback_store.create_indexes()
            carriers = chain.from_iterable(providers.values())
            choosing = Choosing(contact_store, contacts, settings.keys)
            senders = SenderStore(database["senders"], utc_now)
            await senders.create_indexes()
            answering = Answering(
                contacts,
                choosing,
                contact_store,
                followers,
                senders,
                notifications,
                settings.keys,
                utc_now,
            )
            callbacks = Callbacks(carriers, reports, answering.answer, callback_store)
            mailbox = Mailbox(settings.bounce_mailbox, reports)
            combining = Combining(CombiningStore(database["notifications"]))
            notifier = Notifier(
                contacts,
                notifications,
                followers,
                providers,
                settings.keys,
                utc_now,
                combining=combining,
                combine_within=settings.combine_within,
            )
            courier = Courier(
                contacts,
                notifications,
                providers,
                settings.keys,
                utc_now,
                every=settings.courier_every,
                lease=settings.courier_lease,
                outages=OUTAGES,
                combining=combining,
                rates=RateStore(database["rates"]),
                fallback=fallback,
                workers=settings.courier_workers,
                patience=settings.send_patience,
            )
            notifications.on_code = courier.wake
            inbox = Inbox(contact_store, contact_handlers(settings.keys), lambda citizen: Contact(id=citizen))
            citizens = CitizenStream(inbox, contact_store, contacts, notifier)
            take = officers.work_items.before(notifier.take)
            streams = {
                "citizen": Stream(list(inbox.types), citizens.take, citizens.seen, queue="notifier.citizen"),
                "staff": officers.stream,
                **{name: Stream(types_of(name), take, notifier.seen) for name in REQUEST_STREAMS},
            }
            speaking = {"notification": contact_store}
            async with running("notifier", settings, clock, stores=speaking, streams=streams) as runtime:
                app.state.settings = settings
                app.state.authenticator = Authenticator(settings.jwks_url, settings.issuer)
                app.state.callbacks = callbacks
                app.state.reaching = Reaching(contact_store, settings.keys)
                app.state.choosing = choosing
                app.state.read_marks = ReadMarks(ReadMarkStore(database["notifications"]))
                app.state.reading = Reading(contact_store, notifications, settings.keys)
                app.state.staff_addresses = officers.addresses
                app.state.trying = Trying(providers)
                app.state.checks = checks(runtime, database)
                erasure = Erasure(contact_store, notifications, followers)
                async with asyncio.TaskGroup() as tasks:
                    timers = [
                        tasks.create_task(courier.run()),
                        tasks.create_task(sweep_forever("oldest messages", MEASURED_EVERY, courier.measure)),
                        tasks.create_task(sweep_forever("erasure", settings.erase_every, erasure.sweep)),
                        tasks.create_task(sweep_forever("work", officers.digests.every, officers.digests.sweep)),
                        tasks.create_task(sweep_forever("early reports", settings.courier_every, callbacks.look_again)),
                        tasks.create_task(sweep_forever("bounces", settings.bounce_every, mailbox.sweep)),
                    ]
                    try:
                        yield
                    finally:
                        for timer in timers:
                            timer.cancel()
                        await asyncio.gather(*timers, return_exceptions=True)  # what is under way still needs providers
                        for provider in chain.from_iterable(providers.values()):
                            await provider.close()

    app = FastAPI(title="Rabta notifier", version="1", lifespan=lifespan, docs_url=None, redoc_url=None)
    errors.install(app, OUTAGES)
    app.include_router(api.router, dependencies=[OnlyKnown])
    app.include_router(api.callbacks.router)  # providers add to the address what they like
    app.include_router(health.router)
    show_examples(app, EXAMPLES)
    return app


def use_texts(settings: NotifierSettings) -> None:
    """Write with our texts, and with those of the operator's folder in place of them."""
    try:
        checking.use_texts(settings.issuer, settings.dispute_days, settings.appeal_days, settings.texts)
    except TextsBrokenError as error:
        for fault in error.faults:
            log.error("texts.broken", fault=fault)
        raise SystemExit(STARTUP_FAILURE) from None


REQUEST_STREAMS = ("request@requests", "request@routing")


def types_of(stream: str) -> list[str]:
    """The types of a stream that make messages."""
    return [name for name in HANDLERS if stream_of(BY_TYPE[name]) == stream]
