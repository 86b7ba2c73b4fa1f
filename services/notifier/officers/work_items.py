"""Records new work of departments, to be counted in digests, and from whom a request is hidden."""

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import cast

from services.notifier.handlers import HANDLERS
from services.notifier.models.officer import ADMINISTRATORS, PERSONAL, Kind, WorkItem
from services.notifier.store.officers import StaffContactStore, WorkItemStore
from shared import events
from shared.bus import DONE, Delivery, Outcome
from shared.clock import Clock
from shared.envelope import Envelope, MalformedEnvelopeError
from shared.inbox import read_event
from shared.runtime import Take

KINDS = {
    events.RequestRouted.type: Kind.NEW_WORK,
    events.RequestReopened.type: Kind.DISPUTES,
    events.RequestResumed.type: Kind.ANSWERS,
    events.RequestDueSoon.type: Kind.DUE_SOON,
    events.RequestOverdue.type: Kind.LATE,
    events.RequestEscalated.type: Kind.ESCALATED,
    events.RequestAssigned.type: Kind.ASSIGNED,
    events.RequestMentioned.type: Kind.MENTIONED,
    events.RequestPartAsked.type: Kind.PARTS,
    events.RequestPartChanged.type: Kind.PARTS,
    events.DepartmentChanged.type: Kind.SYSTEM,
}
"""A transfer or an appeal is new work for its department: `request.routed` reports both."""
ONLY_STAFF = {*KINDS, events.RequestRecused.type} - HANDLERS.keys()
"""Events of which no citizen is told."""
FRESH = 5.0
"""Seconds for which another replica may not know that a department has its first reachable member."""


class WorkItems:
    """Stores the items of departments with a reachable member; no others are needed."""

    def __init__(self, contacts: StaffContactStore, items: WorkItemStore, clock: Clock) -> None:
        self._contacts = contacts
        self._items = items
        self._clock = clock
        self._reachable: set[str] = set()
        self._fresh_until = 0.0

    def before(self, take: Take) -> Take:
        """`take`, after storing the items: the item of every acknowledged event is stored.

        Events that only staff hear of do not reach `take`.
        """

        async def both(deliveries: Sequence[Delivery]) -> list[Outcome]:
            await self.note(deliveries)
            places = [place for place, one in enumerate(deliveries) if type_of(one) not in ONLY_STAFF]
            outcomes = [DONE] * len(deliveries)
            taken = await take([deliveries[place] for place in places]) if places else []
            for place, outcome in zip(places, taken, strict=True):
                outcomes[place] = outcome
            return outcomes

        return both

    async def note(self, deliveries: Sequence[Delivery]) -> None:
        """Store the items of these events in one write, mostly in none."""
        if interests := [pair for one in deliveries if (pair := interest_of(one))]:
            await self._items.hide(interests)
        reachable = await self._departments()
        if not reachable:
            return
        now = self._clock()
        items = [one for d in deliveries for one in work_items_of(d, now) if one.department in reachable]
        if items:
            await self._items.note(items)

    def changed(self) -> None:
        """Refresh the departments that can be reached."""
        self._fresh_until = 0.0

    async def _departments(self) -> set[str]:
        if time.monotonic() > self._fresh_until:
            self._reachable = await self._contacts.reachable()
            self._fresh_until = time.monotonic() + FRESH
        return self._reachable


def type_of(delivery: Delivery) -> str:
    """The type of the event in a message."""
    return str(delivery.headers.get("ce-type"))


def interest_of(delivery: Delivery) -> tuple[str, str] | None:
    """The officer and the number, if the event says that an officer has an interest in a request."""
    if type_of(delivery) != events.RequestRecused.type:
        return None
    with suppress(MalformedEnvelopeError):
        envelope = delivery.envelope
        if not envelope.forgotten:
            return cast(events.RequestRecused, read_event(envelope)).officer, envelope.subject
    return None


def work_items_of(delivery: Delivery, now: datetime) -> list[WorkItem]:
    """The items of an event; none for other events, and for an unreadable one."""
    kind = KINDS.get(type_of(delivery))
    if kind is None:
        return []
    try:
        envelope = delivery.envelope
        return [] if envelope.forgotten else _items(envelope, kind, now)
    except MalformedEnvelopeError:
        return []


def _items(envelope: Envelope, kind: Kind, now: datetime) -> list[WorkItem]:
    event = read_event(envelope)
    if isinstance(event, events.RequestEscalated) and event.to == "head":
        return []
    if isinstance(event, events.DepartmentChanged):
        return _stopped(envelope, event, now) if event.subscription_stopped else []
    assert isinstance(event, events.AssignmentEvent)
    due_at, service = getattr(event, "due_at", None), getattr(event, "service_name", None)
    item = WorkItem(envelope.id, department_of(event), kind, envelope.subject, now, due_at or envelope.at, service)
    if kind not in PERSONAL:
        return [item]
    return [replace(item, id=f"{item.id}:{account}", account=account) for account in accounts_of(event)]


def _stopped(envelope: Envelope, event: events.DepartmentChanged, now: datetime) -> list[WorkItem]:
    """A webhook was stopped: for the head of its department, and for administrators."""
    name, department, at = event.subscription or "", envelope.subject, envelope.at
    return [
        WorkItem(envelope.id, department, Kind.SYSTEM, name, now, at),
        WorkItem(f"{envelope.id}:admin", ADMINISTRATORS, Kind.SYSTEMS, f"{department}: {name}", now, at),
    ]


def department_of(event: events.AssignmentEvent) -> str:
    """The department that an event is news for."""
    other = isinstance(event, events.RequestPartAsked) or (
        isinstance(event, events.RequestPartChanged) and event.state == "cancelled"
    )
    return str(getattr(event, "to", event.department)) if other else event.department


def accounts_of(event: events.AssignmentEvent) -> list[str]:
    """The officers that an event is news for; nobody is told what they did themselves."""
    told = event.officers if isinstance(event, events.RequestMentioned) else [getattr(event, "officer", None)]
    return [account for account in told if account and account != event.actor]
