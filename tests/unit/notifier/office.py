"""A notifier in memory with members of staff and work of their departments."""

import re
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from services.notifier.handlers import STAFF_HANDLERS
from services.notifier.models.contact import Reach
from services.notifier.models.hours import WorkingHours
from services.notifier.models.officer import ADMINISTRATORS, Frequency, Kind, StaffContact, WorkItem, WorkTally
from services.notifier.officers.addresses import StaffAddresses
from services.notifier.officers.digests import WorkDigests
from services.notifier.officers.messages import WorkMessageWriter
from services.notifier.officers.work_items import WorkItems
from services.notifier.store.officers import MarkStore, WorkItemStore
from shared.auth import Principal
from shared.bus import DONE, Delivery
from shared.events import (
    DepartmentChanged,
    Event,
    RequestAssigned,
    RequestEscalated,
    RequestMentioned,
    RequestOverdue,
    RequestPartAsked,
    RequestRecused,
    RequestReopened,
    RequestResumed,
    RequestRouted,
    StaffChanged,
)
from shared.inbox import Inbox
from shared.rights import Role
from shared.seal import SealPurpose
from tests.builders import KEYS, a_delivery, an_envelope
from tests.fakes import FakeClock, MemoryStore
from tests.unit.notifier.memory import Recording, World

HOURS = WorkingHours.of("08:00-18:00", "mon tue wed thu fri sat", 300)
MORNING = datetime.fromisoformat("2026-03-03T08:00:30+05:00")
"""The day after the start of the tests, half a minute after opening."""
WORDS = {"en": "Roads", "ur": "سڑکیں"}
SERVICE = {"en": "Street light is out", "ur": "گلی کی بتی بند ہے"}


class MemoryStaff(MemoryStore[StaffContact]):
    """Contacts of staff in memory."""

    async def reachable(self) -> set[str]:
        """The departments with a reachable member, and whether an administrator is one."""
        return {_place_of(member) for member in await self._reached()}

    async def of(self, addressees: Collection[str]) -> list[StaffContact]:
        """The reachable members with these accounts or of these departments."""
        return [one for one in await self._reached() if {one.id, _place_of(one)} & {*addressees}]

    async def reaches(self, accounts: Collection[str]) -> dict[str, Reach]:
        """How to reach these members."""
        return {account: member.reach for account, member in (await self.load_many(accounts)).items()}

    async def _reached(self) -> list[StaffContact]:
        members = (await self.load_many(list(self.documents))).values()
        return [member for member in members if member.active and member.channel]


def _place_of(member: StaffContact) -> str:
    return ADMINISTRATORS if member.role == Role.ADMIN else member.department or ""


class MemoryWorkItems(WorkItemStore):
    """Work items in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, WorkItem] = {}
        self.hidden: dict[str, list[str]] = {}
        self.writes = 0

    async def note(self, news: Sequence[WorkItem]) -> None:
        """Store these; existing ones stay."""
        self.writes += 1
        for one in news:
            self.kept.setdefault(one.id, one)

    async def hide(self, interests: Sequence[tuple[str, str]]) -> None:
        """Note that officers have an interest in requests."""
        for account, hidden in interests:
            self.hidden.setdefault(account, []).append(hidden)

    async def hidden_from(self, accounts: Collection[str]) -> dict[str, list[str]]:
        """The numbers that are hidden from these accounts."""
        return {account: self.hidden[account] for account in accounts if account in self.hidden}

    async def tallies(
        self, after: datetime, until: datetime, without: Collection[str] = ()
    ) -> dict[tuple[str, Kind], WorkTally]:
        """The items between two times, by department and kind."""
        found: dict[tuple[str, Kind], list[WorkItem]] = {}
        for one in self.kept.values():
            if after < one.at <= until and one.number not in without:
                found.setdefault((one.account or one.department, one.kind), []).append(one)
        return {
            key: WorkTally(len(news), min(one.due_at for one in news), news[0].number, news[0].service)
            for key, news in found.items()
        }


class MemoryMarks(MarkStore):
    """The mark in memory; `dies` is raised instead of ending."""

    def __init__(self) -> None:
        self.done: datetime | None = None
        self.until: datetime | None = None
        self.dies: Exception | None = None

    async def read(self, start: datetime) -> tuple[datetime, datetime | None]:
        """Up to when digests were sent, and the time that was begun."""
        self.done = self.done or start
        return self.done, self.until

    async def begin(self, done: datetime, until: datetime) -> bool:
        """Begin the next time."""
        if self.done != done or self.until is not None:
            return False
        self.until = until
        return True

    async def end(self, until: datetime) -> None:
        """Note that digests were sent up to then."""
        if self.dies:
            raise self.dies
        self.done, self.until = until, None


class Office:
    """A notifier with members of staff."""

    def __init__(self, channel: Recording | None = None, *, hours: WorkingHours = HOURS) -> None:
        provider = channel or Recording(name="email", channel="email")
        self.world = World(provider, provider)
        self.clock: FakeClock = self.world.clock
        self.staff = MemoryStaff(StaffContact, self.clock)
        self.item_store, self.marks = MemoryWorkItems(), MemoryMarks()
        staff: Any = self.staff
        self.world.known.staff = staff
        messages = WorkMessageWriter({"sms": (provider,), "email": (provider,)}, KEYS)
        notifications = self.world.notifications
        self.work_items = WorkItems(staff, self.item_store, self.clock)
        self.addresses = StaffAddresses(staff, notifications, self.work_items, messages, KEYS, self.clock)
        self.digests = WorkDigests(staff, self.item_store, self.marks, notifications, messages, hours, self.clock)
        self.inbox = Inbox(self.staff, STAFF_HANDLERS, lambda account: StaffContact(id=account))
        self._said: dict[str, int] = {}

    async def changed(
        self, account: str, role: str = "officer", department: str | None = "power", *, active: bool = True
    ) -> None:
        """Publish where a member works."""
        self._said[account] = seq = self._said.get(account, 0) + 1
        event = StaffChanged.model_validate({"role": role, "department": department, "active": active})
        envelope = an_envelope(event, subject=account, seq=seq)
        assert await self.inbox.take([a_delivery(envelope)]) == [DONE]

    async def member(self, account: str = "officer-1", role: str = "officer", **often: str) -> Principal:
        """A member of the department of power, or an administrator, with a proven email."""
        department = None if role == "admin" else "power"
        await self.changed(account, role, department)
        principal = Principal(account, Role(role), department, "session", 0)
        await self.addresses.ask(principal, "email", f"{account}@power.example")
        await self.addresses.prove(principal, self.code())
        await self.addresses.choose(principal, {Kind(kind): Frequency(value) for kind, value in often.items()}, "en")
        return principal

    def code(self) -> str:
        """The last code."""
        found = re.search(r"\b\d{6}\b", self.world.words()[-1])
        assert found
        return found[0]

    async def happened(self, *deliveries: Delivery) -> None:
        """Process events."""
        await self.work_items.note(deliveries)

    async def at(self, time: datetime) -> list[str]:
        """Advance to a time and sweep; returns the new messages."""
        self.clock.at = time
        before = {one.id for one in self.told()}
        await self.digests.sweep()
        return [self.words(one.id) for one in self.told() if one.id not in before]

    def told(self) -> list[Any]:
        """The messages about work."""
        return [one for one in self.world.notifications.all() if one.template == "work.digest"]

    def words(self, id_: str) -> str:
        """The text of a message."""
        one = next(one for one in self.told() if one.id == id_)
        assert one.words is not None
        return KEYS.unseal(one.words, SealPurpose.NOTIFICATION_WORDS, owner=one.citizen_id).split("\n")[0]


def number(n: int) -> str:
    """A tracking number."""
    return f"RB-0000-{n:04}-X"


def routed(n: int = 1, department: str = "power", due: str = "2026-03-20T12:00:00+05:00") -> Delivery:
    """A request reaches a department."""
    body = {
        "department_name": WORDS,
        "because": WORDS,
        "service": "street-light-out",
        "service_name": SERVICE,
        "kind": "complaint",
        "district": "peshawar",
        "respond_by": due,
        "due_at": due,
        "details": f"/api/v1/requests/{number(n)}",
    }
    return _said(RequestRouted, n, 1, body, department)


def reopened(n: int = 1) -> Delivery:
    """A request was disputed."""
    return _said(RequestReopened, n, 5, {"reason": "not_done", "due_at": "2026-03-09T12:00:00+05:00"})


def resumed(n: int = 1) -> Delivery:
    """A citizen answered."""
    return _said(RequestResumed, n, 3, {})


def late(n: int = 1) -> Delivery:
    """The due date of a request is over."""
    return _said(RequestOverdue, n, 6, {"due_at": "2026-03-09T12:00:00+05:00", "head": WORDS})


def escalated(n: int, to: str) -> Delivery:
    """A late request goes up one level."""
    body = {"due_at": "2026-03-09T12:00:00+05:00", "level": 1, "to": to, "official": WORDS}
    return _said(RequestEscalated, n, 7, body)


def assigned(n: int, officer: str, by: str = "head-1") -> Delivery:
    """A request was assigned to an officer."""
    return _said(RequestAssigned, n, 8, {"officer": officer, "actor": by})


def recused(n: int, officer: str) -> Delivery:
    """An officer has an interest in a request."""
    return _said(RequestRecused, n, 8, {"officer": officer, "actor": "head-1"})


def mentioned(n: int, *officers: str) -> Delivery:
    """An internal note mentions colleagues."""
    return _said(RequestMentioned, n, 9, {"officers": list(officers), "actor": "head-1"})


def asked_for_a_part(n: int, to: str) -> Delivery:
    """The department of roads asks another one for a part."""
    body = {
        "part": "part-1",
        "to": to,
        "task": "sealed",
        "due_at": "2026-03-09T12:00:00+05:00",
        "service": "street-light-out",
        "service_name": SERVICE,
        "district": "peshawar",
        "details": "/api/v1/parts/x/y",
    }
    return _said(RequestPartAsked, n, 10, body, "roads")


def webhook_stopped(n: int, stopped: bool | None = True) -> Delivery:
    """A subscription of the department's software changed: routing stopped it."""
    words = {"en": "Power", "ur": "بجلی"}
    event = DepartmentChanged(
        name=words, changed=["subscriptions"], by="routing", subscription="Work orders", subscription_stopped=stopped
    )
    return a_delivery(an_envelope(event, subject="power", seq=n))


def _said(kind: type[Event], n: int, seq: int, body: dict[str, Any], department: str = "power") -> Delivery:
    event = kind.model_validate({"citizen_id": "citizen-1", "department": department, **body})
    return a_delivery(an_envelope(event, subject=number(n), seq=seq))
