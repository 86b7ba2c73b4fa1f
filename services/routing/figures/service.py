"""Keeping figures up to date, making them anew, and reading them.

A sweep makes the facts of what changed, then the rows of the months that this touches. A fact depends on nothing but
its assignment, and a row on nothing but facts, so a sweep that was interrupted, or done twice, changes nothing.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from datetime import datetime, timedelta

import structlog

from services.routing.directory import Directory
from services.routing.figures.models.facts import fact_of
from services.routing.figures.models.rows import FigureQuery, Row, rows_of
from services.routing.figures.store import FigureStore
from services.routing.models.assignment import Assignment
from shared.clock import Clock, utc_now

OVERLAP = timedelta(minutes=1)
"""How far a sweep looks back before the last one: a step is stored a moment after the time that it bears."""

log = structlog.get_logger(__name__)


class PublicFigures:
    """The read model of figures."""

    def __init__(self, store: FigureStore, directory: Directory, clock: Clock = utc_now) -> None:
        self._store = store
        self._directory = directory
        self._clock = clock

    async def read(self, query: FigureQuery) -> tuple[datetime | None, dict[str, list[Row]]]:
        """Up to when the figures are complete, and the published rows that are asked for, by month."""
        return await self._store.as_of(), await self._store.rows(query)

    async def sweep(self) -> bool:
        """Bring everything up to date, unless another process is at it."""
        return await self._alone(self._catch_up)

    async def rebuild(self) -> bool:
        """Make everything anew from the assignments, unless another process is at it."""
        return await self._alone(self._start_again)

    async def _alone(self, work: Callable[[datetime], Awaitable[None]]) -> bool:
        if not await self._store.lease():
            return False
        now, done = self._clock(), False
        try:
            await work(now)
            done = True
        finally:
            await self._store.release(now if done else None)
        return True

    async def _catch_up(self, now: datetime) -> None:
        last = await self._store.as_of()
        if last is None:
            await self._start_again(now)
            return
        months = await self._store.turned(last - OVERLAP, now)
        for department in sorted(self._directory.departments):
            async for batch in self._store.changed(department, last - OVERLAP):
                months |= await self._put(batch)
        async for batch in self._store.rated(last - OVERLAP):
            months |= await self._put(batch)
        await self._publish(months, now)

    async def _start_again(self, now: datetime) -> None:
        await self._store.forget_all()
        async for batch in self._store.everything():
            await self._put(batch)
        await self._publish(await self._store.all_months(), now)

    async def _put(self, assignments: Collection[Assignment]) -> set[str]:
        facts = [fact for assignment in assignments if (fact := fact_of(assignment))]
        return await self._store.put(facts)

    async def _publish(self, months: Collection[str], now: datetime) -> None:
        for month in sorted(months):
            tallies = await self._store.tallies(month, now)
            await self._store.put_month(month, await asyncio.to_thread(rows_of, tallies))  # others answer meanwhile
        if months:
            log.info("figures.published", months=len(months))
