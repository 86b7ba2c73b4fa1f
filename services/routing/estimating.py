"""How long requests took in the last year, by service and department; each process keeps it in memory."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

from services.routing.directory import Directory
from services.routing.models.calendar import Calendar
from services.routing.store.assignments import AssignmentStore, Done
from shared.clock import utc_now
from shared.events import ExpectedRange

YEAR = timedelta(days=365)
LATEST = 1000
"""How many requests of each service are read, newest first."""
MIN_COUNT = 30
"""With fewer requests a range would be misleading, so none is given."""


@dataclass(frozen=True)
class DurationStats:
    """Half were done within `half`, nine of ten within `most`, out of `based_on` requests."""

    half: timedelta
    most: timedelta
    based_on: int


class DurationEstimator:
    """Statistics of services at each department, and at all departments together (department None)."""

    def __init__(self, store: AssignmentStore, directory: Directory, calendar: Calendar) -> None:
        self._store = store
        self._directory = directory
        self._calendar = calendar
        self._stats: dict[tuple[str, str | None], DurationStats] = {}

    def expected(self, service: str, department: str, now: datetime) -> ExpectedRange | None:
        """When a request routed there now should be done, estimated from earlier ones; None if there are too few."""
        own = self._stats.get((service, department))
        past = own or self._stats.get((service, None))
        if past is None:
            return None
        elapsed = self._counts_elapsed(service)
        return ExpectedRange(
            half_by=self._date(now, past.half, elapsed=elapsed),
            most_by=self._date(now, past.most, elapsed=elapsed),
            based_on=past.based_on,
            of="department" if own else "service",
        )

    async def refresh(self) -> None:
        """Compute the statistics of the last year again."""
        since = utc_now() - YEAR
        stats: dict[tuple[str, str | None], DurationStats] = {}
        for service in list(self._directory.services):
            done = await self._store.done(service, since, LATEST)
            if done:  # working time of a thousand requests takes too long for the event loop
                stats |= await asyncio.to_thread(self._compute, service, done)
        self._stats = stats

    def _compute(self, service: str, done: Sequence[Done]) -> dict[tuple[str, str | None], DurationStats]:
        elapsed = self._counts_elapsed(service)
        durations: dict[str | None, list[timedelta]] = defaultdict(list)
        for one in done:
            took = one.until - one.since if elapsed else self._calendar.open_between(one.since, one.until)
            durations[one.department].append(took)
            durations[None].append(took)
        found = {(service, department): duration_stats(some) for department, some in durations.items()}
        return {key: past for key, past in found.items() if past is not None}

    def _counts_elapsed(self, service: str) -> bool:
        known = self._directory.services.get(service)
        return known is not None and known.due.get("calendar") == "elapsed"

    def _date(self, now: datetime, took: timedelta, *, elapsed: bool) -> datetime:
        """When it ends, rounded up to the hour or to the end of the working day, because an estimate is not exact."""
        if elapsed:
            return datetime.fromtimestamp(ceil((now + took).timestamp() / 3600) * 3600, UTC)
        return self._calendar.closing(self._calendar.after(now, took))


def duration_stats(durations: Sequence[timedelta]) -> DurationStats | None:
    """The statistics of these durations; None where there are too few."""
    if len(durations) < MIN_COUNT:
        return None
    ordered = sorted(durations)
    return DurationStats(within(ordered, 50), within(ordered, 90), len(ordered))


def within(ordered: Sequence[timedelta], percent: int) -> timedelta:
    """The shortest of the durations within which at least `percent` of them lie (nearest rank)."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
