"""A notifier on stores in memory that behave like the real ones."""

import copy
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from services.notifier.channels.provider import (
    DeliveryResult,
    OutboundMessage,
    Provider,
)
from services.notifier.contacts import Contacts
from services.notifier.handlers import contact_handlers
from services.notifier.models.combining import LATER
from services.notifier.models.contact import Contact, Reach
from services.notifier.models.following import Follower
from services.notifier.models.notification import WAITING, DeliveryState, Notification
from services.notifier.models.preferences import Preferences
from services.notifier.sending.courier import Courier
from services.notifier.sending.fallback import Fallback
from services.notifier.sending.reports import Reports
from services.notifier.service import CitizenStream, Notifier
from services.notifier.store.followers import FollowerStore
from services.notifier.store.notifications import TO_FOLLOWERS, NotificationStore
from services.notifier.store.rates import UNLIMITED, RateStore, bucket
from shared.inbox import Inbox
from shared.seal import SealPurpose
from tests.builders import KEYS
from tests.fakes import AwayError, FakeClock, MemoryStore


class MemoryContacts(MemoryStore[Contact]):
    """Contacts in memory."""

    looked_up = 0

    async def reaches(self, ids: Collection[str]) -> dict[str, Reach]:
        """How to reach these citizens, if their registration has arrived."""
        self.looked_up += 1
        found = await self.load_many(ids)
        return {
            key: Reach(
                contact.language,
                contact.mobile,
                contact.email,
                contact.erased,
                contact.mobile_unproven,
                Preferences.of(contact.preferences),
                frozenset(contact.failing),
                contact.bad_email_left,
            )
            for key, contact in found.items()
            if contact.mobile or contact.erased
        }

    async def with_mobile(self, index: str) -> list[str]:
        """The ids of the citizens with a mobile."""
        return [one.id for one in (await self.load_many(list(self.documents))).values() if one.mobile_index == index]

    async def erasing(self) -> list[Contact]:
        """Recently erased contacts."""
        found = await self.load_many(list(self.documents))
        return [contact for contact in found.values() if contact.erasing_until is not None]


class MemoryNotifications(NotificationStore):
    """Notifications in memory."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.documents: dict[str, dict[str, Any]] = {}
        self.writes = self.claims = 0
        self.away = False
        self.on_code: Callable[[], object] = object

    async def insert_new(self, notifications: Sequence[Notification]) -> None:
        """Insert those that are not recorded yet."""
        if self.away:
            raise AwayError
        self.writes += 1
        for notification in notifications:
            self.documents.setdefault(notification.id, notification.document())
        if any(one.urgent and one.due_at is not None for one in notifications):
            self.on_code()

    async def ends(self, numbers: Collection[str]) -> dict[str, int]:
        """The requests whose end was reported, with the seq of the last event that ended each."""
        found = sorted((n.ended, n.subject) for n in self.all() if n.ended is not None and n.subject in numbers)
        return {number: ended for ended, number in found}

    async def steps_of(self, ids: Collection[str]) -> dict[str, list[Notification]]:
        """The messages that each of these includes, by its id."""
        return {id_: [one for one in self.all() if one.included_in == id_] for id_ in ids}

    async def existing(self, ids: Collection[str]) -> set[str]:
        """Those of the ids that are recorded."""
        return self.documents.keys() & set(ids)

    async def due(self, channel: str, limit: int, *, urgent: bool) -> list[Notification]:
        """Due notifications of a channel."""
        now = self.clock()
        lane = [d for d in self.documents.values() if (d["channel"], d.get("urgent", False)) == (channel, urgent)]
        ripe = [d for d in lane if "due_at" in d and d["due_at"] <= now]
        return [Notification.of(copy.deepcopy(document)) for document in ripe[:limit]]

    async def save(self, notifications: Sequence[Notification]) -> None:
        """Save the results of claimed notifications."""
        for notification in notifications:
            if self.documents[notification.id].get("claim") == notification.claim:
                document = notification.document()
                document.pop("claim")
                self.documents[notification.id] = document

    async def claim(self, read: Mapping[str, datetime], found: Sequence[Notification], lease: timedelta) -> set[str]:
        """Claim messages that are still as they were read."""
        mine = [n for n in found if self.documents[n.id].get("due_at") == read[n.id] and self._ripe(n.id)]
        for one in mine:
            self.claims += 1
            one.claim = str(self.claims)
            self.documents[one.id] |= {"claim": one.claim, "due_at": self.clock() + lease}
            if one.state is DeliveryState.SENDING:
                self.documents[one.id]["state"] = DeliveryState.SENDING.value
            if one.calling is not None:
                self.documents[one.id] |= {"calling": one.calling, "ours": one.ours}
        return {one.id for one in mine}

    async def postpone(self, ids: Collection[str], pause: timedelta) -> None:
        """Postpone these by the pause."""
        for key in ids:
            if self._ripe(key):
                self.documents[key]["due_at"] = self.clock() + pause

    async def named(self, provider: str, names: Sequence[tuple[str | None, str | None]]) -> list[Notification]:
        """The messages with these references."""
        ours = {mine for mine, _ in names if mine is not None}
        theirs = {other for mine, other in names if mine is None and other is not None}
        return [n for n in self.all() if n.ours in ours or (n.provider == provider and n.reference in theirs)]

    async def replace(self, read: Notification, now: Notification) -> bool:
        """Save a changed message, if it is still as it was read."""
        if self.documents[read.id] != read.document():
            return False
        self.documents[read.id] = now.document()
        return True

    async def find(self, ids: Collection[str]) -> list[Notification]:
        """Those of the ids that are recorded."""
        return [Notification.of(self.documents[key]) for key in ids if key in self.documents]

    async def later(self, numbers: Collection[str]) -> list[Notification]:
        """The messages about these requests that may include others."""
        return [one for one in self.all() if one.subject in numbers and one.template in LATER]

    async def include(self, included_in: Mapping[str, str]) -> int:
        """Cancel those that still wait."""
        waiting = [self.documents[key] for key in included_in]
        waiting = [
            one for one in waiting if one["state"] == DeliveryState.CREATED and "event" in one and "claim" not in one
        ]
        for document in waiting:
            document |= {"state": DeliveryState.CANCELLED.value, "included_in": included_in[document["_id"]]}
            document.pop("due_at", None)
        return len(waiting)

    async def about_request(self, number: str) -> list[Notification]:
        """The notifications to the citizen of a request."""
        own = [one for one in self.all() if not one.id.startswith("inbound/")]
        return [one for one in own if one.subject == number and one.template not in TO_FOLLOWERS]

    async def forget_request(self, number: str, nobody: str) -> None:
        """Remove text, address and citizen from every message about a request."""
        of_it = [d for d in self.documents.values() if d["subject"] == number]
        self._empty([d for d in of_it if d["template"] not in TO_FOLLOWERS], nobody)

    async def forget_citizen(self, citizen_id: str) -> None:
        """Remove text and address from every message to a citizen, and the citizen from those about requests."""
        mine = [document for document in self.documents.values() if document["citizen_id"] == citizen_id]
        self._empty([document for document in mine if document["subject"] == citizen_id], citizen_id)
        self._empty([document for document in mine if document["subject"] != citizen_id], "erased")

    @staticmethod
    def _empty(documents: list[dict[str, Any]], nobody: str) -> None:
        for document in documents:
            document["citizen_id"] = nobody
            if document["state"] == DeliveryState.CREATED or (
                document["state"] == DeliveryState.SENDING and "claim" in document
            ):
                document["state"] = DeliveryState.CANCELLED.value
            for name in ("words", "to", "event", "due_at", "claim", "calling"):
                document.pop(name, None)

    def all(self) -> list[Notification]:
        """All notifications."""
        return [Notification.of(document) for document in self.documents.values()]

    def _ripe(self, key: str) -> bool:
        document = self.documents[key]
        return document.get("due_at", self.clock() + timedelta(1)) <= self.clock() and document["state"] in WAITING


class MemoryRates(RateStore):
    """Buckets in memory."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.left: dict[str, tuple[float, datetime]] = {}
        self.paused: dict[str, datetime] = {}

    async def take(self, provider: str, rate: float | None, wanted: int, *, urgent: bool) -> tuple[int, float]:
        """How many may go now, and in how many seconds more may."""
        rate, now = rate or UNLIMITED, self.clock()
        most, kept = bucket(rate)
        kept = 0 if urgent else kept
        left, at = self.left.get(provider, (most, now))
        left = min(most, left + (now - at).total_seconds() * rate)
        paused = (self.paused.get(provider, now) - now).total_seconds()
        granted = 0 if paused > 0 else max(0, min(wanted, math.floor(left - kept)))
        self.left[provider] = left - granted, now
        return granted, max(paused, (1 + kept - left + granted) / rate, 0.0)

    async def pause(self, provider: str, pause: timedelta) -> None:
        """Send nothing for a while."""
        self.paused[provider] = max(self.paused.get(provider, self.clock()), self.clock() + pause)


class Recording(Provider):
    """The outbox, or a gateway whose answers the test sets; `asked` is its answer about a reference."""

    def __init__(self, *, at_once: bool = True, name: str = "sms", channel: str = "sms") -> None:
        self.name, self.channel = name, channel
        self.recording_delivers = at_once
        self.asked: dict[str, DeliveryResult] = {}
        self.sent: list[tuple[str, str, str]] = []
        self.result = DeliveryResult(DeliveryState.DELIVERED)
        self.error: Exception | None = None

    async def deliver(self, message: OutboundMessage) -> DeliveryResult:
        """Record the message."""
        if self.error is not None:
            raise self.error
        self.sent.append((message.reference, message.address, message.words))
        return self.result

    async def ask(self, reference: str) -> DeliveryResult | None:
        """The answer that the test has set."""
        return self.asked.get(reference)


class MemoryFollowers(FollowerStore):
    """Followers in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[int, bool, Follower]] = {}

    async def note(self, follower: Follower, seq: int, *, follows: bool) -> None:
        """Store it unless a later one is stored."""
        key = follower.number, follower.citizen_id
        if key not in self.kept or self.kept[key][0] < seq:
            self.kept[key] = seq, follows, follower

    async def of(self, numbers: Collection[str]) -> list[Follower]:
        """The followers of these requests."""
        return [one for _, follows, one in self.kept.values() if follows and one.number in numbers]

    async def forget(self, citizen_id: str) -> None:
        """Delete all entries of a citizen."""
        self.kept = {key: kept for key, kept in self.kept.items() if key[1] != citizen_id}


class World:
    """A notifier with its stores and providers."""

    def __init__(
        self, channel: Provider | tuple[Provider, ...] | None, email: Provider | tuple[Provider, ...] | None = None
    ) -> None:
        self.clock = FakeClock()
        self.contacts = MemoryContacts(Contact, self.clock)
        self.notifications = MemoryNotifications(self.clock)
        self.rates = MemoryRates(self.clock)
        given = {"sms": channel, "email": email}
        providers = {name: one if isinstance(one, tuple) else (one,) for name, one in given.items() if one is not None}
        store: Any = self.contacts
        self.known = known = Contacts(store, KEYS, self.clock, no_provider=frozenset(given.keys() - providers.keys()))
        self.followers = MemoryFollowers()
        self.fallback = Fallback(known, providers, KEYS, self.clock)
        self.reports = Reports(self.notifications, known, self.fallback, self.clock)
        self.notifier = Notifier(
            known,
            self.notifications,
            self.followers,
            providers,
            KEYS,
            self.clock,
            combine_within=5.0,
        )
        inbox = Inbox(self.contacts, contact_handlers(KEYS), lambda citizen: Contact(id=citizen))
        self.citizens = CitizenStream(inbox, store, known, self.notifier)
        self.courier = Courier(
            known,
            self.notifications,
            providers,
            KEYS,
            self.clock,
            every=1.0,
            lease=30.0,
            outages=(AwayError,),
            rates=self.rates,
            fallback=self.fallback,
            spread=lambda: 1.0,
        )
        self.notifications.on_code = self.courier.wake

    def words(self) -> list[str]:
        """The texts of all notifications, in order of arrival."""
        return [
            KEYS.unseal(n.words, SealPurpose.NOTIFICATION_WORDS, owner=n.citizen_id)
            for n in self.notifications.all()
            if n.words
        ]
