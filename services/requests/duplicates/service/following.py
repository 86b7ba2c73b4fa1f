"""Following a request that somebody else filed, and what officers merge."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from pydantic import Field

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.duplicates.models import (
    FOLLOWABLE,
    MAX_MERGED,
    MergedAlreadyError,
    MergedIntoError,
    TooManyFollowersError,
    TooManyMergedError,
    follow,
    go_on,
    has_room,
    is_private,
    merge,
    separate,
    unfollow,
)
from services.requests.duplicates.store import DuplicateStore
from services.requests.request.models.lifecycle import State, Who
from services.requests.request.models.request import Request
from services.requests.request.schemas import RequestLines
from services.requests.request.service import views
from services.requests.request.service.merged import primary_of
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal
from shared.changing import OvertakenError, change, change_loaded, retry_overtaken
from shared.clock import utc_now
from shared.errors import InvalidError, NotFoundError, PreconditionFailedError, field_error
from shared.jsonbody import Body
from shared.paging import page_of, read_cursor
from shared.seal import KeyRing, SealPurpose
from shared.spelling import AS_CODE, AS_TEXT
from shared.tracking_number import read_number
from shared.transitions import TransitionRefusedError

AT_ONCE = 100
Both = tuple[Request, Request | None]
"""A request and its primary."""
Words = Annotated[str, Field(min_length=3, max_length=2000), AS_TEXT]


class Merge(Body):
    """Which request it is the same as, and why the officer thinks so."""

    into: Annotated[str, Field(max_length=30), AS_CODE]
    reason: Words


class Separation(Body):
    """Why it is a thing of its own."""

    reason: Words


class Following:
    """The use cases of followers and merges. A merge, and its undoing, writes both requests or neither."""

    def __init__(self, store: RequestStore, neighbours: DuplicateStore, catalogue: Catalogue, keys: KeyRing) -> None:
        self._store = store
        self._neighbours = neighbours
        self._catalogue = catalogue
        self._keys = keys

    async def follow(self, citizen_id: str, number: str, *, by: str | None = None) -> Request:
        """Tell a citizen of every step; `by` is the clerk who asks for it.

        Raises NotFoundError where there is nothing that others may follow.
        """

        def join(request: Request) -> bool:
            if request.state not in FOLLOWABLE:
                raise TransitionRefusedError(state=str(request.state))
            request.require_steps_left()
            return follow(request, citizen_id, utc_now(), by=by)

        return await change_loaded(self._store, lambda: self.open_to_others(number), join)

    async def open_to_others(self, number: str) -> Request:
        """A request that others may follow. Raises NotFoundError where there is none."""
        request = await self._store.get(number)
        found = await self._catalogue.find(request.service) if request else None
        if request is None or found is None or found[0].entry.kind != "complaint" or is_private(request):
            raise NotFoundError
        return request

    async def unfollow(self, citizen_id: str, number: str) -> Request:
        """Tell a citizen no more of somebody else's request."""

        def leave(request: Request) -> bool:
            if is_private(request):
                raise NotFoundError
            return unfollow(request, citizen_id, utc_now())

        return await change(self._store, number, leave)

    async def followed(self, citizen_id: str, cursor: str | None, limit: int) -> RequestLines:
        """A page of what a citizen follows, newest first."""
        found = await self._neighbours.followed(citizen_id, before=read_cursor(cursor), limit=limit + 1)
        page, following = page_of(found, limit, lambda last: (last.submitted_at, last.id))
        return {"requests": [views.summary(request) for request in page], "next": following}

    async def merge(self, officer: Principal, number: str, rev: int, body: Merge, language: str) -> Request:
        """Say that two requests at the officer's department are about one thing.

        Raises NotFoundError, PreconditionFailedError, InvalidError, MergeRefusedError, MergedIntoError,
        MergedAlreadyError, TransitionRefusedError, TooManyFollowersError, TooManyMergedError.
        """
        words = self._keys.seal(body.reason, SealPurpose.REQUEST_NOTE, owner=number)

        async def both() -> Both:
            request = await self._of_department(officer, number, rev)
            if merged := await self._neighbours.merged_into(number, 1):
                raise MergedIntoError(number=number, merged=merged[0].id)
            primary = await self._primary(officer, request, body, language)
            for one in (request, primary):
                one.require_steps_left()
            merge(request, primary, utc_now(), by=officer.id, words=words)
            return request, primary

        return await self._write(both)

    async def unmerge(self, officer: Principal, number: str, rev: int, body: Separation) -> Request:
        """Take a request out of the one it was merged into. Raises as `merge` does."""
        words = self._keys.seal(body.reason, SealPurpose.REQUEST_NOTE, owner=number)

        async def both() -> Both:
            request = await self._of_department(officer, number, rev)
            primary = await self._store.get(request.duplicate_of or "")
            separate(request, primary, Who.OFFICER, utc_now(), by=officer.id, words=words)
            return request, primary

        return await self._write(both)

    async def separate(self, citizen_id: str, number: str, body: Separation) -> Request:
        """The citizen says that it is a thing of its own; the department gets it back."""
        words = self._keys.seal(body.reason, SealPurpose.REQUEST_NOTE, owner=number)

        async def both() -> Both:
            request = await self._store.get(number)
            if request is None or request.citizen_id != citizen_id:
                raise NotFoundError
            primary = await self._store.get(request.duplicate_of or "")
            separate(request, primary, Who.CITIZEN, utc_now(), by=citizen_id, words=words)
            return request, primary

        return await self._write(both)

    async def finish(self) -> int:
        """Let merged requests go on by themselves where their primary ended undone; how many primaries are finished."""
        return sum([await self._finish(ended) for ended in await self._neighbours.passing_on(AT_ONCE)])

    async def _finish(self, ended: Request) -> bool:
        """Revive what was merged into one ended primary; False where a write lost a race or more is left to do."""
        merged = await self._neighbours.merged_into(ended.id, AT_ONCE)
        for request in merged:
            go_on(request, utc_now())
        if await self._store.save_many(merged) or len(merged) == AT_ONCE:
            return False
        ended.passes_on = False
        return not await self._store.save_many([ended])

    async def _primary(self, officer: Principal, request: Request, body: Merge, language: str) -> Request:
        """The primary that a request is to be merged into. Raises as `merge` does."""
        into = read_number(body.into)
        primary = await self._store.get(into) if into and into != request.id else None
        if primary is None or primary.department != officer.department or is_private(primary):
            raise InvalidError(errors=[field_error("/into", "request", language)])
        if primary.state == State.DUPLICATE:
            raise MergedAlreadyError(number=primary.id, primary=primary.duplicate_of or "")
        if primary.state not in FOLLOWABLE:
            raise TransitionRefusedError(state=str(primary.state))
        if request.service != primary.service:
            raise InvalidError(errors=[field_error("/into", "request", language)])
        if not has_room(primary, request):
            raise TooManyFollowersError
        if len(await self._neighbours.merged_into(primary.id, MAX_MERGED)) >= MAX_MERGED:
            raise TooManyMergedError(most=MAX_MERGED)
        return primary

    async def _write(self, both: Callable[[], Awaitable[Both]]) -> Request:
        """Change a request and its primary and write both, or neither; try again where another write was faster."""

        async def attempt() -> Request:
            request, primary = await both()
            if not await self._store.save_together([one for one in (request, primary) if one is not None]):
                raise OvertakenError
            return await self._store.get(request.id) or request

        return await retry_overtaken(attempt)

    async def _of_department(self, officer: Principal, number: str, rev: int) -> Request:
        """A request that the officer's department has, or whose primary it has."""
        request = await self._store.get(number)
        if request is None or not officer.department:
            raise NotFoundError
        primary = await primary_of(self._store, request)
        if officer.department not in (request.department, primary.department if primary else None):
            raise NotFoundError
        if request.rev != rev:
            raise PreconditionFailedError
        return request
