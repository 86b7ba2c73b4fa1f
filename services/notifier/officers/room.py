"""All of messages to members of staff, wired to one database."""

from dataclasses import dataclass

from services.notifier.models.hours import WorkingHours
from services.notifier.models.officer import StaffContact
from services.notifier.officers.addresses import StaffAddresses
from services.notifier.officers.digests import Digests
from services.notifier.officers.handlers import STAFF_HANDLERS
from services.notifier.officers.letters import Letters, Providers
from services.notifier.officers.news import DepartmentNews
from services.notifier.settings import NotifierSettings
from services.notifier.store import MarkStore, NewsStore, NotificationStore, StaffContactStore
from shared.clock import utc_now
from shared.inbox import Inbox
from shared.mongo import Database, ServerClock
from shared.runtime import Stream, record_stream


@dataclass(frozen=True)
class Officers:
    """The use cases, and what is heard of identity."""

    addresses: StaffAddresses
    news: DepartmentNews
    digests: Digests
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
    news_store, marks = NewsStore(database["department_news"]), MarkStore(database["work_marks"])
    await contacts.create_indexes()
    await news_store.create_indexes()
    letters = Letters(providers, settings.keys)
    news = DepartmentNews(contacts, news_store, utc_now)
    hours = WorkingHours.of(settings.work_hours, settings.work_days, settings.work_gather)
    return Officers(
        addresses=StaffAddresses(contacts, notifications, news, letters, settings.keys, utc_now),
        news=news,
        digests=Digests(contacts, news_store, marks, notifications, letters, hours, utc_now),
        stream=record_stream(contacts, Inbox(contacts, STAFF_HANDLERS, lambda account: StaffContact(id=account))),
    )
