"""Sees to merged requests whose primary ended undone: one write a step, each found again by the mark that is left."""

from collections.abc import Sequence

import structlog

from services.requests.models.lifecycle import State
from services.requests.models.request import Request
from services.requests.models.succession import ended_undone, move, revive, took_over, waits_on
from services.requests.store import RequestStore
from services.requests.store.neighbours import Neighbours
from shared.clock import utc_now

TURNS = 5
AT_ONCE = 100
LONGEST_CHAIN = 10

log = structlog.get_logger(__name__)


class Succession:
    """Lets the oldest of what was merged take the place of the request that ended, and merges the others into it."""

    def __init__(self, store: RequestStore, neighbours: Neighbours) -> None:
        self._store = store
        self._neighbours = neighbours

    async def finish(self) -> int:
        """Go on with all that ended undone; how many of them are seen to."""
        done = 0
        for ended in await self._neighbours.passing_on(AT_ONCE):
            done += await self._pass_on(ended.id)
        return done

    async def owe(self, ended: Request) -> bool:
        """Note that something was merged into it after all; False when somebody was faster."""
        ended.passes_on = True
        return not await self._store.save_many([ended])

    async def _pass_on(self, number: str) -> bool:
        """Take steps until nothing waits for it; False when somebody is always faster: the next look goes on."""
        for _ in range(TURNS):
            ended = await self._store.get(number)
            if ended is None or not ended.passes_on:
                return True
            waiting = [one for one in await self._neighbours.merged_into(number, AT_ONCE) if waits_on(one, ended)]
            if not waiting:
                ended.passes_on = False
                return not await self._store.save_many([ended])
            into = await self._successor(ended, waiting)
            if into is None:
                continue
            others = [one for one in waiting if one.id != into.id]
            for one in others:
                move(one, into, ended, utc_now())
            lost = await self._store.save_many(others)
            log.info("succession.moved", ended=number, into=into.id, moved=len(others) - len(lost))
        return False

    async def _successor(self, ended: Request, waiting: Sequence[Request]) -> Request | None:
        """What goes on in place of `ended`; None when a step was taken towards it, or somebody was faster."""
        heir = await self._store.get(ended.heir) if ended.heir else None
        succeeded = heir is not None and took_over(heir, ended)
        for number in (ended.duplicate_of, ended.heir if succeeded else None):
            further = await self._end_of(number) if number else None  # it was merged itself; or its heir goes on
            if further is not None and not ended_undone(further) and further.id not in {one.id for one in waiting}:
                return further
        if heir is None or not waits_on(heir, ended):  # none yet, or it went its own way
            ended.heir = waiting[0].id
            await self._store.save_many([ended])
            return None
        revive(heir, ended, utc_now())
        return heir if not await self._store.save_many([heir]) else None

    async def _end_of(self, number: str) -> Request | None:
        """Where a chain of merges leads; None when it leads nowhere."""
        for _ in range(LONGEST_CHAIN):
            request = await self._store.get(number)
            if request is None or request.state != State.DUPLICATE or request.duplicate_of is None:
                return request
            number = request.duplicate_of
        return None
