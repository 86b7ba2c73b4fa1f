"""Keeps what happens in departments, for those who work there: what each event is to them."""

import time
from collections.abc import Sequence
from datetime import datetime

from services.notifier.models.officer import Kind, News
from services.notifier.store import NewsStore, StaffContactStore
from shared.bus import Delivery, Outcome
from shared.clock import Clock
from shared.envelope import Envelope, MalformedEnvelopeError
from shared.events import AssignmentEvent, RequestReopened, RequestResumed, RequestRouted
from shared.inbox import read_event
from shared.runtime import Take

KINDS = {
    RequestRouted.type: Kind.NEW_WORK,
    RequestReopened.type: Kind.DISPUTES,
    RequestResumed.type: Kind.ANSWERS,
}
"""A transfer and an appeal are new work where they come to: `request.routed` says both."""
FRESH = 5.0
"""Seconds for which another replica may not know that a department has its first listener."""


class DepartmentNews:
    """Keeps news of departments in which somebody can be told; elsewhere it would be kept for nobody."""

    def __init__(self, contacts: StaffContactStore, news: NewsStore, clock: Clock) -> None:
        self._contacts = contacts
        self._news = news
        self._clock = clock
        self._heard: set[str] = set()
        self._fresh_until = 0.0

    def before(self, take: Take) -> Take:
        """What takes events in as messages, with their news kept first: what is acknowledged was kept."""

        async def both(deliveries: Sequence[Delivery]) -> list[Outcome]:
            await self.note(deliveries)
            return await take(deliveries)

        return both

    async def note(self, deliveries: Sequence[Delivery]) -> None:
        """Keep what these events are to those who work there: one write for all of them, mostly none."""
        heard = await self._departments()
        if not heard:
            return
        now = self._clock()
        news = [found for d in deliveries if (found := news_of(d, now)) and found.department in heard]
        if news:
            await self._news.note(news)

    def changed(self) -> None:
        """Look again who can be told."""
        self._fresh_until = 0.0

    async def _departments(self) -> set[str]:
        if time.monotonic() > self._fresh_until:
            self._heard = await self._contacts.heard()
            self._fresh_until = time.monotonic() + FRESH
        return self._heard


def news_of(delivery: Delivery, now: datetime) -> News | None:
    """The news in an event; None where there is none, or it cannot be understood: then it makes no message either."""
    kind = KINDS.get(str(delivery.headers.get("ce-type")))
    if kind is None:
        return None
    try:
        envelope = delivery.envelope
        return None if envelope.forgotten else _news(envelope, kind, now)
    except MalformedEnvelopeError:
        return None


def _news(envelope: Envelope, kind: Kind, now: datetime) -> News:
    event = read_event(envelope)
    assert isinstance(event, AssignmentEvent)
    due_at, service = getattr(event, "due_at", None), getattr(event, "service_name", None)
    return News(envelope.id, event.department, kind, envelope.subject, now, due_at or envelope.at, service)
