"""Wiring of the messages to members of staff."""

from dataclasses import dataclass

from services.notifier.models.hours import WorkingHours
from services.notifier.models.officer import StaffContact
from services.notifier.officers.addresses import StaffAddresses
from services.notifier.officers.digests import WorkDigests
from services.notifier.officers.handlers import STAFF_HANDLERS
from services.notifier.officers.messages import Providers, WorkMessages
from services.notifier.officers.work_items import WorkItems
from services.notifier.settings import NotifierSettings
from services.notifier.store import MarkStore, NotificationStore, StaffContactStore, WorkItemStore
from shared.clock import utc_now
from shared.inbox import Inbox
from shared.mongo import Database, ServerClock
from shared.runtime import Stream, record_stream


@dataclass(frozen=True)
class Officers:
    """The use cases, and the stream of members of staff."""

    addresses: StaffAddresses
    work_items: WorkItems
    digests: WorkDigests
    stream: Stream


async def officers_of(
    database: Database,
    clock: ServerClock,
    contacts: StaffContactStore,
    notifications: NotificationStore,
    providers: Providers,
    settings: NotifierSettings,
) -> Officers:
    """Everything, with its indexes made."""
    item_store, marks = WorkItemStore(database["work_items"]), MarkStore(database["work_marks"])
    await contacts.create_indexes()
    await item_store.create_indexes()
    messages = WorkMessages(providers, settings.keys)
    work_items = WorkItems(contacts, item_store, utc_now)
    hours = WorkingHours.of(settings.work_hours, settings.work_days, settings.work_gather)
    return Officers(
        addresses=StaffAddresses(contacts, notifications, work_items, messages, settings.keys, utc_now),
        work_items=work_items,
        digests=WorkDigests(contacts, item_store, marks, notifications, messages, hours, utc_now),
        stream=record_stream(contacts, Inbox(contacts, STAFF_HANDLERS, lambda account: StaffContact(id=account))),
    )
