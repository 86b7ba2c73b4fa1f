"""Creates the use cases over their stores, and the background tasks."""

from collections.abc import Awaitable, Callable
from itertools import chain

from starlette.datastructures import State

from services.notifier.callbacks import Callbacks
from services.notifier.channels.provider import Provider
from services.notifier.contacts import Contacts
from services.notifier.handlers import HANDLERS, STAFF_HANDLERS, contact_handlers
from services.notifier.inbound.answers import SmsAnswers
from services.notifier.models.contact import Contact
from services.notifier.models.hours import WorkingHours
from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.officer import StaffContact
from services.notifier.officers.addresses import StaffAddresses
from services.notifier.officers.digests import WorkDigests
from services.notifier.officers.messages import WorkMessageWriter
from services.notifier.officers.work_items import ONLY_STAFF, WorkItems
from services.notifier.own_messages import OwnMessages
from services.notifier.preferences import CitizenPreferences
from services.notifier.sending.courier import Courier
from services.notifier.sending.fallback import Fallback
from services.notifier.sending.mailbox import Mailbox
from services.notifier.sending.reports import Reports
from services.notifier.service import CitizenStream, Notifier
from services.notifier.settings import NotifierSettings
from services.notifier.store.contacts import ContactStore
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import NotificationStore
from services.notifier.store.officers import MarkStore, StaffContactStore, WorkItemStore
from services.notifier.store.rates import RateStore
from services.notifier.store.senders import SenderStore
from services.notifier.trial.service import Trials
from shared.clock import utc_now
from shared.events import BY_TYPE, stream_of
from shared.inbox import Inbox
from shared.mongo import OUTAGES, Database, ServerClock
from shared.runtime import Stream, record_stream

MEASURED_EVERY = 10.0
WORK_STREAMS = ("request@requests", "request@routing", "department")
Sweep = tuple[str, float, Callable[[], Awaitable[object]]]
"""Name, interval in seconds, and function."""


class NotifierStores:
    """The collections."""

    def __init__(self, database: Database, clock: ServerClock, settings: NotifierSettings) -> None:
        marks = {"lease": settings.relay_lease, "settle_after": settings.settle_after}
        self.contacts = ContactStore(database["contacts"], clock, **marks)
        self.notifications = NotificationStore(database["notifications"])
        self.followers = FollowerStore(database["followers"])
        self.senders = SenderStore(database["senders"], utc_now)
        self.rates = RateStore(database["rates"])
        self.staff = StaffContactStore(database["staff_contacts"], clock, **marks)
        self.work_items = WorkItemStore(database["work_items"])
        self.work_marks = MarkStore(database["work_marks"])

    async def create_indexes(self, *, outbox: bool) -> None:
        """Create the indexes of all collections."""
        await self.notifications.create_indexes(outbox=outbox)
        for store in (self.contacts, self.followers, self.senders, self.staff, self.work_items):
            await store.create_indexes()


def wire(
    state: State, stores: NotifierStores, settings: NotifierSettings, providers: dict[str, tuple[Provider, ...]]
) -> tuple[dict[str, Stream], Courier, tuple[Sweep, ...]]:
    """Put the use cases into `state`, where the routes find them; returns streams, the courier, and sweeps."""
    keys, notifications = settings.keys, stores.notifications
    no_provider = frozenset({SMS, EMAIL} - providers.keys())
    contacts = Contacts(stores.contacts, keys, utc_now, stores.staff, no_provider)
    fallback = Fallback(contacts, providers, keys, utc_now)
    reports = Reports(notifications, contacts, fallback, utc_now)
    preferences = CitizenPreferences(stores.contacts, contacts, keys)
    answers = SmsAnswers(
        contacts, preferences, stores.contacts, stores.followers, stores.senders, notifications, keys, utc_now
    )
    notifier = Notifier(
        contacts,
        notifications,
        stores.followers,
        providers,
        keys,
        utc_now,
        combine_within=settings.combine_within,
    )
    courier = Courier(
        contacts,
        notifications,
        providers,
        keys,
        utc_now,
        every=settings.courier_every,
        lease=settings.courier_lease,
        outages=OUTAGES,
        rates=stores.rates,
        fallback=fallback,
        workers=settings.courier_workers,
        patience=settings.send_patience,
    )
    notifications.on_code = courier.wake
    work_messages = WorkMessageWriter(providers, keys)
    work_items = WorkItems(stores.staff, stores.work_items, utc_now)
    hours = WorkingHours.of(settings.work_hours, settings.work_days, settings.work_gather)
    digests = WorkDigests(
        stores.staff, stores.work_items, stores.work_marks, notifications, work_messages, hours, utc_now
    )
    state.callbacks = Callbacks(chain.from_iterable(providers.values()), reports, answers)
    state.preferences, state.trials = preferences, Trials(providers)
    state.own_messages = OwnMessages(stores.contacts, notifications, keys)
    state.staff_addresses = StaffAddresses(stores.staff, notifications, work_items, work_messages, keys, utc_now)
    sweeps = (
        ("oldest messages", MEASURED_EVERY, courier.measure),
        ("erasure", settings.erase_every, lambda: contacts.finish_erasures(notifications, stores.followers)),
        ("work", digests.every, digests.sweep),
        ("bounces", settings.bounce_every, Mailbox(settings.bounce_mailbox, reports).sweep),
    )
    return _streams(stores, contacts, notifier, work_items, settings), courier, sweeps


def _streams(
    stores: NotifierStores, contacts: Contacts, notifier: Notifier, work_items: WorkItems, settings: NotifierSettings
) -> dict[str, Stream]:
    inbox = Inbox(stores.contacts, contact_handlers(settings.keys), lambda citizen: Contact(id=citizen))
    citizens = CitizenStream(inbox, stores.contacts, contacts, notifier)
    staff = Inbox(stores.staff, STAFF_HANDLERS, lambda account: StaffContact(id=account))
    take = work_items.before(notifier.take)
    return {
        "citizen": Stream(list(inbox.types), citizens.take, citizens.seen, queue="notifier.citizen"),
        "staff": record_stream(stores.staff, staff),
        **{name: Stream(types_of(name), take, notifier.seen) for name in WORK_STREAMS},
    }


def types_of(stream: str) -> list[str]:
    """The event types of a stream that cause messages to citizens or staff."""
    return [name for name in (*HANDLERS, *ONLY_STAFF) if stream_of(BY_TYPE[name]) == stream]
