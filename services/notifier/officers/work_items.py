"""Records new work of departments, to be counted in digests."""

import time
from collections.abc import Sequence
from datetime import datetime

from services.notifier.models.officer import Kind, WorkItem
from services.notifier.store.officers import StaffContactStore, WorkItemStore
from shared.bus import Delivery, Outcome
from shared.clock import Clock
from shared.envelope import Envelope, MalformedEnvelopeError
from shared.events import (
    AssignmentEvent,
    RequestDueSoon,
    RequestEscalated,
    RequestOverdue,
    RequestReopened,
    RequestResumed,
    RequestRouted,
)
from shared.inbox import read_event
from shared.runtime import Take

KINDS = {
    RequestRouted.type: Kind.NEW_WORK,
    RequestReopened.type: Kind.DISPUTES,
    RequestResumed.type: Kind.ANSWERS,
    RequestDueSoon.type: Kind.DUE_SOON,
    RequestOverdue.type: Kind.LATE,
    RequestEscalated.type: Kind.ESCALATED,
}
"""A transfer or an appeal is new work for its department: `request.routed` reports both."""
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
        """`take`, after storing the items: the item of every acknowledged event is stored."""

        async def both(deliveries: Sequence[Delivery]) -> list[Outcome]:
            await self.note(deliveries)
            return await take(deliveries)

        return both

    async def note(self, deliveries: Sequence[Delivery]) -> None:
        """Store the items of these events in one write, mostly in none."""
        reachable = await self._departments()
        if not reachable:
            return
        now = self._clock()
        items = [found for d in deliveries if (found := work_item_of(d, now)) and found.department in reachable]
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


def work_item_of(delivery: Delivery, now: datetime) -> WorkItem | None:
    """The item of an event; None for other events, and for an unreadable one."""
    kind = KINDS.get(str(delivery.headers.get("ce-type")))
    if kind is None:
        return None
    try:
        envelope = delivery.envelope
        return None if envelope.forgotten else _item(envelope, kind, now)
    except MalformedEnvelopeError:
        return None


def _item(envelope: Envelope, kind: Kind, now: datetime) -> WorkItem | None:
    event = read_event(envelope)
    if isinstance(event, RequestEscalated) and event.to == "head":
        return None
    assert isinstance(event, AssignmentEvent)
    due_at, service = getattr(event, "due_at", None), getattr(event, "service_name", None)
    return WorkItem(envelope.id, event.department, kind, envelope.subject, now, due_at or envelope.at, service)
