"""Following a request that somebody else filed, and what officers merge."""

from collections.abc import Callable
from contextlib import suppress
from typing import Annotated

import structlog
from pydantic import Field

from services.requests import schemas
from services.requests.catalogue import Catalogue
from services.requests.models.following import (
    FOLLOWABLE,
    TooManyFollowersError,
    closed_to_others,
    follow,
    has_room,
    merge,
    separate,
    unfollow,
)
from services.requests.models.lifecycle import Who
from services.requests.models.number import read_number
from services.requests.models.request import Request, TransitionRefusedError
from services.requests.service import views
from services.requests.service.settlement import Settlement
from services.requests.service.succession import Succession
from services.requests.store import RequestStore
from services.requests.store.neighbours import Neighbours
from shared.auth import Principal
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, NotFoundError, PreconditionFailedError, Problem, field_error
from shared.jsonbody import Body
from shared.paging import cursor_of, read_cursor
from shared.seal import KeyRing

TURNS = 5
AT_ONCE = 100
Words = Annotated[str, Field(min_length=3, max_length=2000)]

log = structlog.get_logger(__name__)


class Merge(Body):
    """Which request it is the same as, and why the officer thinks so."""

    into: Annotated[str, Field(max_length=30)]
    reason: Words


class Separation(Body):
    """Why it is a thing of its own."""

    reason: Words


class Following:
    """The use cases of followers and merges. Truth first: the merged request; its primary's followers after it."""

    def __init__(self, store: RequestStore, neighbours: Neighbours, catalogue: Catalogue, keys: KeyRing) -> None:
        self._store = store
        self._neighbours = neighbours
        self._catalogue = catalogue
        self._keys = keys
        self._succession = Succession(store, neighbours)
        self._settlement = Settlement(store, neighbours, self._succession, keys)

    async def follow(self, citizen_id: str, number: str, *, by: str | None = None) -> Request:
        """Tell a citizen of every step; `by` is the clerk who asks for it.

        Raises NotFoundError where there is nothing that others may follow.
        """

        def change(request: Request) -> bool:
            if request.state not in FOLLOWABLE:
                raise TransitionRefusedError(state=str(request.state))
            request.demand_room()
            return follow(request, citizen_id, utc_now(), by=by)

        return await self._change(number, change)

    async def open_to_others(self, number: str) -> Request:
        """A request that others may follow. Raises NotFoundError where there is none."""
        request = await self._store.get(number)
        found = await self._catalogue.find(request.service) if request else None
        if request is None or found is None or found[0].entry.likeness is None or closed_to_others(request):
            raise NotFoundError
        return request

    async def unfollow(self, citizen_id: str, number: str) -> Request:
        """Tell a citizen no more of somebody else's request."""
        for _ in range(TURNS):
            request = await self._store.get(number)
            if request is None or closed_to_others(request):
                raise NotFoundError
            if not unfollow(request, citizen_id, utc_now()) or not await self._store.save_many([request]):
                return request
        raise ConflictError

    async def followed(self, citizen_id: str, cursor: str | None, limit: int) -> schemas.RequestLines:
        """A page of what a citizen follows, newest first."""
        before = None if cursor is None else read_cursor(cursor)
        found = await self._neighbours.followed(citizen_id, before=before, limit=limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return {
            "requests": [views.summary(request) for request in page],
            "next": cursor_of(page[-1].submitted_at, page[-1].id) if more else None,
        }

    async def merge(self, officer: Principal, number: str, rev: int, body: Merge, language: str) -> Request:
        """Say that two requests at the officer's department are about one thing.

        Raises NotFoundError, PreconditionFailedError, InvalidError, MergeRefusedError, TransitionRefusedError,
        TooManyFollowersError.
        """
        request = await self._of_department(officer, number, rev)
        into = read_number(body.into)
        other = await self._store.get(into) if into and into != number else None
        if other is None or other.department != officer.department or closed_to_others(other):
            raise InvalidError(errors=[field_error("/into", "request", language)])
        if other.state not in FOLLOWABLE:
            raise TransitionRefusedError(state=str(other.state))
        if request.service != other.service:
            raise InvalidError(errors=[field_error("/into", "request", language)])
        request = await self._paid(request)
        if not has_room(other, request):
            raise TooManyFollowersError
        for one in (request, other):
            one.demand_room()
        words = self._keys.seal(body.reason, "request.note", of=number)
        merge(request, other.id, utc_now(), by=officer.id, words=words)
        return await self._written(request)

    async def unmerge(self, officer: Principal, number: str, rev: int, body: Separation) -> Request:
        """Take a request out of the one it was merged into. Raises as `merge` does."""
        request = await self._of_department(officer, number, rev)
        words = self._keys.seal(body.reason, "request.note", of=number)
        separate(request, Who.OFFICER, utc_now(), by=officer.id, words=words)
        return await self._written(request)

    async def separate(self, citizen_id: str, number: str, body: Separation) -> Request:
        """The citizen says that it is a thing of its own; the department gets it back."""
        words = self._keys.seal(body.reason, "request.note", of=number)
        for _ in range(TURNS):  # what routing says of the merge may come in between
            request = await self._store.get(number)
            if request is None or request.citizen_id != citizen_id:
                raise NotFoundError
            separate(request, Who.CITIZEN, utc_now(), by=citizen_id, words=words)
            with suppress(PreconditionFailedError):
                return await self._written(request)
        raise ConflictError

    async def finish(self) -> int:
        """See to what was merged into what ended, then to the followers that merges still owe; how many are done."""
        finished = await self._succession.finish()
        for request in await self._neighbours.owing(AT_ONCE):
            try:
                finished += await self._settlement.pay(request.id)  # those before it may have changed it
            except Problem as error:  # one that cannot be finished keeps no other waiting
                log.error("following.unfinished", request=request.id, error=type(error).__name__)
        return finished

    async def _written(self, request: Request) -> Request:
        if await self._store.save_many([request]):
            raise PreconditionFailedError
        await self._settlement.finish(await self._store.get(request.id) or request)
        return await self._store.get(request.id) or request

    async def _paid(self, request: Request) -> Request:
        """The request once it owes nothing any more: a merge would put its own debt in place of the old one.

        Raises PreconditionFailedError where somebody is faster.
        """
        if request.owes is None:
            return request
        paid = await self._store.get(request.id) if await self._settlement.finish(request) else None
        if paid is None or paid.rev != request.rev + 1:
            raise PreconditionFailedError
        return paid

    async def _of_department(self, officer: Principal, number: str, rev: int) -> Request:
        request = await self._store.get(number)
        if request is None or not officer.department or request.department != officer.department:
            raise NotFoundError
        if request.rev != rev:
            raise PreconditionFailedError
        return request

    async def _change(self, number: str, change: Callable[[Request], bool]) -> Request:
        for _ in range(TURNS):
            request = await self.open_to_others(number)
            if not change(request) or not await self._store.save_many([request]):
                return request
        raise ConflictError
