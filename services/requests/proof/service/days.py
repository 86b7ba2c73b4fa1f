"""Closes days: each day (UTC) gets a signed root over every history that grew on it.

A day's tree has a leaf for each request with new steps: the number of steps and the last hash. The root covers the
previous root, so the newest one covers all days (docs/adr/0021).
"""

import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

import structlog

from services.requests.proof.models import LATE, DayRoot, bounds, days_to_look_in, leaf_at, newest_over, next_day
from services.requests.proof.schemas import DailyRoot, DailyRoots, Inclusion
from services.requests.proof.service.receipts import Receipts
from services.requests.proof.store import DayStore
from services.requests.request.models.request import Request
from shared.clock import Clock
from shared.paging import time_text
from shared.proof import merkle
from shared.proof.roots import Leaf
from shared.proof.signatures import ROOT_TYPE

LEASE = 600.0
MAX_LINKS = 1000
"""Maximum number of roots in a proof; beyond them the signature alone vouches for a root."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DayBook:
    """Closes and reads days. A day is closed `after` its end."""

    store: DayStore
    receipts: Receipts
    clock: Clock
    after: timedelta

    async def close_due(self) -> list[str]:
        """Close every open day that is due, oldest first, beginning with yesterday; returns which ones.

        Any replica may do it, one at a time.
        """
        newest = newest_over(self.clock(), self.after)
        previous = await self.store.newest()
        if (previous is not None and previous.date >= newest) or not await self.store.claim(LEASE):
            return []
        try:
            return await self._close_until(newest)
        finally:
            await self.store.release()

    async def _close_until(self, newest: str) -> list[str]:
        closed = []
        while (previous := await self.store.newest()) is None or previous.date < newest:
            root = await self._close(newest if previous is None else next_day(previous.date), previous)
            if await self.store.add_root(root):
                log.info("days.closed", date=root.date, count=root.count, root=root.root)
                closed.append(root.date)
        return closed

    async def _close(self, day: str, previous: DayRoot | None) -> DayRoot:
        leaves = await self._leaves(day, previous)
        tiles, now = f"{day}/{secrets.token_hex(4)}", self.clock()
        tree = merkle.root_of(await self.store.add_tiles(tiles, leaves))
        before = previous.root if previous else None
        root = DayRoot(day, len(leaves), tree, before, "", tiles, now)
        claims = {"iss": self.receipts.issuer, **root.covered(), "root": root.root, "closed_at": time_text(now)}
        return replace(root, signature=self.receipts.sign(ROOT_TYPE, claims, now))

    async def _leaves(self, day: str, previous: DayRoot | None) -> list[Leaf]:
        """The leaves of a day by number."""
        start, end = bounds(day)
        # By number, since a request that changes meanwhile may be read twice.
        leaves: dict[str, Leaf] = {}
        late: dict[str, Leaf] = {}
        async for number, history in self.store.grown(start - LATE if previous else None):
            found = leaf_at(number, history, end)
            if found is None:
                continue
            leaf, noted_at = found
            if previous is None or noted_at >= start:
                leaves[number] = leaf
            elif noted_at >= start - LATE:
                late[number] = leaf
        for leaf in late.values():
            if previous is not None and await self._in(previous, leaf.number) != leaf:
                leaves[leaf.number] = leaf
        return [leaves[number] for number in sorted(leaves)]

    async def _in(self, day: DayRoot, number: str) -> Leaf | None:
        tile = await self.store.tile_of(day.tiles, number)
        return next((leaf for leaf in tile[1] if leaf.number == number), None) if tile else None

    async def published(self, before: str | None, limit: int) -> DailyRoots:
        """A page of roots, newest first; `next` is the date for the next page."""
        page = await self.store.page(before, limit + 1)
        return {
            "roots": [published_root(root) for root in page[:limit]],
            "next": page[limit - 1].date if len(page) > limit else None,
        }

    async def inclusions(self, request: Request) -> tuple[list[Inclusion], list[DailyRoot]]:
        """The positions of a history in closed days, and the roots from the first of those to the newest."""
        days = days_to_look_in(entry["noted_at"] for entry in request.history)
        if not days:
            return [], []
        roots = await self.store.between(days[0], MAX_LINKS)
        by_date = {root.date: root for root in roots}
        found = [await self._inclusion(by_date[day], request.id) for day in days if day in by_date]
        if not found and roots:  # the first day ever closed has all earlier histories
            found = [await self._inclusion(roots[0], request.id)] if roots[0].previous is None else []
        return [inclusion for inclusion in found if inclusion], [published_root(root) for root in roots]

    async def _inclusion(self, day: DayRoot, number: str) -> Inclusion | None:
        tile = await self.store.tile_of(day.tiles, number)
        position = next((n for n, leaf in enumerate(tile[1]) if leaf.number == number), None) if tile else None
        if tile is None or position is None:
            return None
        index, leaves = tile
        inside = merkle.path_to([leaf.hash for leaf in leaves], position)
        above = merkle.path_to(await self.store.tile_roots(day.tiles), index)
        return {
            "date": day.date,
            "count": leaves[position].count,
            "head": leaves[position].head,
            "index": index * merkle.TILE + position,
            "size": day.count,
            "path": [*inside, *above],
        }


def published_root(root: DayRoot) -> DailyRoot:
    """A closed day as it is published."""
    return cast(DailyRoot, {**root.covered(), "root": root.root, "signature": root.signature})
