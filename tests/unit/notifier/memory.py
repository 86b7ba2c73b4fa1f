"""The notifier on stores in memory that keep the promises of the real ones."""

from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from typing import Any, Literal

from services.notifier.channels import (
    Arrived,
    Callback,
    CallbackRefusedError,
    DeliveryResult,
    Letter,
    Provider,
    Report,
)
from services.notifier.code_reports import Receipts
from services.notifier.contacts import Contacts
from services.notifier.gathering import Gathering
from services.notifier.handlers import contact_handlers
from services.notifier.models import WAITING, Contact, Follower, Notification, Preferences, Reach, State
from services.notifier.models.moments import LATER
from services.notifier.sending.courier import Courier
from services.notifier.service import CitizenStream, Notifier
from services.notifier.store import TO_FOLLOWERS, FollowerStore, NotificationStore
from services.notifier.store.moments import MomentStore
from shared.inbox import Inbox
from tests.builders import KEYS
from tests.fakes import AwayError, FakeClock, MemoryStore


class MemoryContacts(MemoryStore[Contact]):
    """Contacts in memory."""

    looked_up = 0

    async def reaches(self, ids: Collection[str]) -> dict[str, Reach]:
        """How to reach those of the citizens whose registration has arrived."""
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
            )
            for key, contact in found.items()
            if contact.mobile or contact.erased
        }

    async def erasing(self) -> list[Contact]:
        """Contacts who were erased lately."""
        found = await self.load_many(list(self.documents))
        return [contact for contact in found.values() if contact.erasing_until is not None]


class MemoryNotifications(NotificationStore):
    """Notifications in memory."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.documents: dict[str, dict[str, Any]] = {}
        self.writes = 0
        self.away = False

    async def insert_new(self, notifications: Sequence[Notification]) -> None:
        """Record those that are not recorded yet."""
        if self.away:
            raise AwayError
        self.writes += 1
        for notification in notifications:
            self.documents.setdefault(notification.id, notification.document())

    async def ends(self, numbers: Collection[str]) -> dict[str, int]:
        """The requests whose end was told, each with the seq of the last event that ended it."""
        found = sorted((n.ended, n.subject) for n in self.all() if n.ended is not None and n.subject in numbers)
        return {number: ended for ended, number in found}

    async def existing(self, ids: Collection[str]) -> set[str]:
        """Those of the ids that are recorded."""
        return self.documents.keys() & set(ids)

    async def due(self, limit: int) -> list[Notification]:
        """Notifications whose time has come."""
        now = self.clock()
        ripe = [d for d in self.documents.values() if "due_at" in d and d["due_at"] <= now]
        return [Notification.of(document) for document in ripe[:limit]]

    async def save(self, notifications: Sequence[Notification]) -> None:
        """Write how the delivery of claimed notifications ended."""
        for notification in notifications:
            if self.documents[notification.id].get("claim") == notification.claim:
                document = notification.document()
                document.pop("claim")
                self.documents[notification.id] = document

    async def claim(self, ids: Collection[str], lease: timedelta) -> list[Notification]:
        """Have these for oneself."""
        mine = [key for key in ids if self._ripe(key)]
        for key in mine:
            changes = {"state": State.SENDING.value, "claim": "mine", "due_at": self.clock() + lease}
            self.documents[key] |= changes
        return [Notification.of(self.documents[key]) for key in mine]

    async def postpone(self, ids: Collection[str], pause: timedelta) -> None:
        """Look at these again after the pause."""
        for key in ids:
            if self._ripe(key):
                self.documents[key]["due_at"] = self.clock() + pause

    async def forget_request(self, number: str, nobody: str) -> None:
        """Take words, address and citizen out of every message about a request."""
        of_it = [d for d in self.documents.values() if d["subject"] == number]
        self._empty([d for d in of_it if d["template"] not in TO_FOLLOWERS], nobody)

    async def forget_citizen(self, citizen_id: str) -> None:
        """Take words and address out of every message to a citizen, and the citizen out of those about requests."""
        mine = [document for document in self.documents.values() if document["citizen_id"] == citizen_id]
        self._empty([document for document in mine if document["subject"] == citizen_id], citizen_id)
        self._empty([document for document in mine if document["subject"] != citizen_id], "erased")

    @staticmethod
    def _empty(documents: list[dict[str, Any]], nobody: str) -> None:
        for document in documents:
            document["citizen_id"] = nobody
            if document["state"] == State.CREATED or (document["state"] == State.SENDING and "claim" in document):
                document["state"] = State.CANCELLED.value
            for name in ("words", "to", "event", "due_at", "claim", "calling"):
                document.pop(name, None)

    def all(self) -> list[Notification]:
        """Everything that is recorded."""
        return [Notification.of(document) for document in self.documents.values()]

    def _ripe(self, key: str) -> bool:
        document = self.documents[key]
        return document.get("due_at", self.clock() + timedelta(1)) <= self.clock() and document["state"] in WAITING


class MemoryMoments(MomentStore):
    """Moments in memory."""

    def __init__(self, notifications: MemoryNotifications) -> None:
        self.notifications = notifications

    async def find(self, ids: Collection[str]) -> list[Notification]:
        """Those of the ids that are recorded."""
        documents = self.notifications.documents
        return [Notification.of(documents[key]) for key in ids if key in documents]

    async def later(self, numbers: Collection[str]) -> list[Notification]:
        """The messages about these requests that may say others too."""
        return [one for one in self.notifications.all() if one.subject in numbers and one.template in LATER]

    async def cover(self, said_in: Mapping[str, str]) -> int:
        """Cancel those that still wait."""
        waiting = [self.notifications.documents[key] for key in said_in]
        waiting = [one for one in waiting if one["state"] == State.CREATED and "event" in one]
        for document in waiting:
            document |= {"state": State.CANCELLED.value, "said_in": said_in[document["_id"]]}
            document.pop("due_at", None)
        return len(waiting)


class Recording:
    """The dev provider, or a gateway whose answers a test decides; `asked` is what it says of a reference."""

    weight = 100
    rate: float | None = None
    asks_by: Literal["ours", "theirs"] | None = None

    def __init__(self, *, at_once: bool = True, name: str = "sms", channel: str = "sms") -> None:
        self.name, self.channel = name, channel
        self.recording_delivers = at_once
        self.asked: dict[str, DeliveryResult] = {}
        self.sent: list[tuple[str, str, str]] = []
        self.result = DeliveryResult(State.DELIVERED)
        self.error: Exception | None = None

    async def deliver(self, letter: Letter) -> DeliveryResult:
        """Note what was sent."""
        if self.error is not None:
            raise self.error
        self.sent.append((letter.reference, letter.address, letter.words))
        return self.result

    @property
    def can_be_asked(self) -> bool:
        """Whether it knows our reference."""
        return self.asks_by == "ours"

    async def ask(self, reference: str) -> DeliveryResult | None:
        """What the test said of that reference."""
        return self.asked.get(reference)

    def reports(self, callback: Callback) -> list[Report]:
        """It never calls."""
        raise CallbackRefusedError

    def arrived(self, callback: Callback) -> Arrived | None:
        """It never calls."""
        raise CallbackRefusedError

    async def close(self) -> None:
        """Nothing is open."""


class MemoryFollowers(FollowerStore):
    """Followers in memory."""

    def __init__(self) -> None:
        self.kept: dict[tuple[str, str], tuple[int, bool, Follower]] = {}

    async def note(self, follower: Follower, seq: int, *, follows: bool) -> None:
        """Keep it unless a later one was kept."""
        key = follower.number, follower.citizen_id
        if key not in self.kept or self.kept[key][0] < seq:
            self.kept[key] = seq, follows, follower

    async def of(self, numbers: Collection[str]) -> list[Follower]:
        """Who follows any of these requests."""
        return [one for _, follows, one in self.kept.values() if follows and one.number in numbers]

    async def forget(self, citizen_id: str) -> None:
        """Delete what a citizen followed."""
        self.kept = {key: kept for key, kept in self.kept.items() if key[1] != citizen_id}


class World:
    """One notifier and all that it works with."""

    def __init__(self, channel: Provider | None, email: Provider | None = None) -> None:
        self.clock = FakeClock()
        self.contacts = MemoryContacts(Contact, self.clock)
        self.notifications = MemoryNotifications(self.clock)
        given = {"sms": channel, "email": email}
        providers = {name: (provider,) for name, provider in given.items() if provider is not None}
        store: Any = self.contacts
        known = Contacts(store)
        self.followers = MemoryFollowers()
        self.receipts = receipts = Receipts(self.contacts)
        gathering = Gathering(MemoryMoments(self.notifications))
        self.notifier = Notifier(
            known,
            self.notifications,
            self.followers,
            receipts,
            providers,
            KEYS,
            self.clock,
            gathering=gathering,
            gather_for=5.0,
        )
        inbox = Inbox(self.contacts, contact_handlers(KEYS), lambda citizen: Contact(id=citizen))
        self.citizens = CitizenStream(inbox, store, known, self.notifier)
        self.courier = Courier(
            known,
            self.notifications,
            receipts,
            providers,
            KEYS,
            self.clock,
            every=1.0,
            lease=30.0,
            outages=(AwayError,),
            gathering=gathering,
            spread=lambda: 1.0,
        )

    def share(self, gathering: Gathering) -> None:
        """Have the notifier and the courier gather by this."""
        self.notifier._gathering = self.courier._gathering = gathering

    def words(self) -> list[str]:
        """The words of everything that is recorded, in the order of arrival."""
        return [
            KEYS.unseal(n.words, "notification.words", of=n.citizen_id) for n in self.notifications.all() if n.words
        ]
