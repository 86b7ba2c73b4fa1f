"""How the queues of departments stand, for alerts."""

import math
from collections.abc import Mapping

from prometheus_client import Gauge

from services.routing.broker import QueueState
from services.routing.directory import Directory
from services.routing.feed.models import feed_name
from services.routing.feed.queues import oldest_waiting
from services.routing.feed.store import FeedStore
from services.routing.models.access import Access, FurtherQueue
from shared.clock import Clock, utc_now

WAITING = Gauge(
    "rabta_department_queue_messages", "Messages that a department's software has not acknowledged", ["queue", "kind"]
)
OLDEST = Gauge(
    "rabta_department_queue_oldest_seconds", "About how long the oldest of these messages has waited", ["queue", "kind"]
)


class QueueMeter:
    """Sets the gauges after each count of the broker."""

    def __init__(self, directory: Directory, feed: FeedStore, clock: Clock = utc_now) -> None:
        self._directory = directory
        self._feed = feed
        self._clock = clock
        self._measured: set[tuple[str, str]] = set()

    async def measure(self, states: Mapping[str, QueueState]) -> None:
        """Measure every queue of every department; one that is gone is measured no more."""
        queues = {
            (access.queue, _kind(access)): department.id
            for department in self._directory.departments.values()
            for access in department.accesses
        }
        for gone in self._measured - queues.keys():
            WAITING.remove(*gone)
            OLDEST.remove(*gone)
        self._measured = set(queues)
        for (name, kind), code in queues.items():
            state = states.get(name)
            WAITING.labels(name, kind).set(math.nan if state is None else state.depth)
            OLDEST.labels(name, kind).set(await self._oldest(feed_name(code, test=kind == "test"), state))

    async def _oldest(self, feed: str, state: QueueState | None) -> float:
        found = await oldest_waiting(self._feed, feed, state)
        return 0.0 if found is None else max(0.0, (self._clock() - found.stored_at).total_seconds())


def _kind(access: Access) -> str:
    return access.kind if isinstance(access, FurtherQueue) else "production"
