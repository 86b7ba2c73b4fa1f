"""Following another citizen's request, and merging requests."""

from collections.abc import Awaitable, Callable
from typing import Annotated

from pydantic import Field

from services.requests.catalogue.service.catalogue import Catalogue
from services.requests.duplicates.models import (
    FOLLOWABLE,
    MAX_MERGED,
    follow,
    has_room,
    is_at,
    is_private,
    merge,
    revive,
    separate,
    unfollow,
)
from services.requests.duplicates.store import DuplicateStore
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.schemas import RequestLines
from services.requests.request.service import views
from services.requests.request.service.merged import is_hidden, primary_of
from services.requests.request.store.requests import RequestStore
from shared.auth import Principal
from shared.changing import OvertakenError, change, change_loaded, retry_overtaken
from shared.clock import utc_now
from shared.errors import ConflictError, InvalidError, NotFoundError, PreconditionFailedError, field_error
from shared.jsonbody import Body
from shared.paging import page_of, read_cursor
from shared.seal import KeyRing, SealPurpose
from shared.spelling import AS_CODE, AS_TEXT
from shared.tracking_number import read_number
from shared.transitions import TransitionRefusedError

BATCH = 100
Both = tuple[Request, Request | None]
"""A request and its primary."""
MergeReason = Annotated[str, Field(min_length=3, max_length=2000), AS_TEXT]


class Merge(Body):
    """The primary, and the officer's reason."""

    into: Annotated[str, Field(max_length=30), AS_CODE]
    reason: MergeReason


class Separation(Body):
    """Why the request is no duplicate."""

    reason: MergeReason


class Following:
    """The use cases of followers and merges. A merge, and its undoing, writes both requests or neither."""

    def __init__(self, store: RequestStore, duplicates: DuplicateStore, catalogue: Catalogue, keys: KeyRing) -> None:
        self._store = store
        self._duplicates = duplicates
        self._catalogue = catalogue
        self._keys = keys

    async def follow(self, citizen_id: str, number: str, *, by: str | None = None) -> Request:
        """Make a citizen a follower; `by` is the clerk who acts for the citizen.

        Raises NotFoundError if there is no such request that others may follow.
        """

        def join(request: Request) -> bool:
            if request.state not in FOLLOWABLE:
                raise TransitionRefusedError(state=str(request.state))
            request.require_steps_left()
            return follow(request, citizen_id, utc_now(), by=by)

        return await change_loaded(self._store, lambda: self.open_to_others(number), join)

    async def open_to_others(self, number: str) -> Request:
        """A request that others may follow. Raises NotFoundError."""
        request = await self._store.get(number)
        found = await self._catalogue.find(request.service) if request else None
        if request is None or found is None or found[0].entry.kind != "complaint" or is_private(request):
            raise NotFoundError
        return request

    async def unfollow(self, citizen_id: str, number: str) -> Request:
        """Remove a follower."""

        def leave(request: Request) -> bool:
            if is_private(request):
                raise NotFoundError
            return unfollow(request, citizen_id, utc_now())

        return await change(self._store, number, leave)

    async def followed(self, citizen_id: str, cursor: str | None, limit: int) -> RequestLines:
        """A page of the requests that a citizen follows, newest first."""
        found = await self._duplicates.followed(citizen_id, before=read_cursor(cursor), limit=limit + 1)
        page, following = page_of(found, limit, lambda last: (last.submitted_at, last.id))
        return {"requests": [views.summary(request) for request in page], "next": following}

    async def merge(self, officer: Principal, number: str, rev: int, body: Merge, language: str) -> Request:
        """Merge a request into another one at the officer's department.

        Raises NotFoundError, PreconditionFailedError, InvalidError, ConflictError, TransitionRefusedError.
        """
        words = self._keys.seal(body.reason, SealPurpose.REQUEST_NOTE, owner=number)

        async def both() -> Both:
            request = await self._of_department(officer, number, rev)
            if merged := await self._duplicates.merged_into(number, 1):
                raise ConflictError("others-merged-into-it", number=number, merged=merged[0].id)
            primary = await self._primary(officer, request, body, language)
            for one in (request, primary):
                one.require_steps_left()
            merge(request, primary, utc_now(), by=officer.id, words=words)
            return request, primary

        return await self._write(both)

    async def unmerge(self, officer: Principal, number: str, rev: int, body: Separation) -> Request:
        """Take a request out of its primary. Raises what `merge` raises."""
        words = self._keys.seal(body.reason, SealPurpose.REQUEST_NOTE, owner=number)

        async def both() -> Both:
            request = await self._of_department(officer, number, rev)
            primary = await self._store.get(request.duplicate_of or "")
            separate(request, primary, ActorKind.OFFICER, utc_now(), by=officer.id, words=words)
            return request, primary

        return await self._write(both)

    async def separate(self, citizen_id: str, number: str, body: Separation) -> Request:
        """Take a citizen's own request out of its primary; it goes back to its department."""
        words = self._keys.seal(body.reason, SealPurpose.REQUEST_NOTE, owner=number)

        async def both() -> Both:
            request = await self._store.get(number)
            if request is None or request.citizen_id != citizen_id:
                raise NotFoundError
            primary = await self._store.get(request.duplicate_of or "")
            separate(request, primary, ActorKind.CITIZEN, utc_now(), by=citizen_id, words=words)
            return request, primary

        return await self._write(both)

    async def finish(self) -> int:
        """Revive requests whose primary ended without an outcome; returns for how many primaries."""
        return sum([await self._finish(ended) for ended in await self._duplicates.passing_on(BATCH)])

    async def _finish(self, ended: Request) -> bool:
        """Revive the requests merged into an ended primary; False if a write lost a race or more are left."""
        merged = await self._duplicates.merged_into(ended.id, BATCH)
        for request in merged:
            revive(request, utc_now())
        if await self._store.save_many(merged) or len(merged) == BATCH:
            return False
        ended.passes_on = False
        return not await self._store.save_many([ended])

    async def _primary(self, officer: Principal, request: Request, body: Merge, language: str) -> Request:
        """The primary for a merge. Raises what `merge` raises."""
        into = read_number(body.into)
        primary = await self._store.get(into) if into and into != request.id else None
        if primary is None or not is_at(primary, officer.department, officer.id) or is_private(primary):
            raise InvalidError(errors=[field_error("/into", "request", language)])
        if primary.state == State.DUPLICATE:
            raise ConflictError("merged-already", number=primary.id, primary=primary.duplicate_of or "")
        if primary.state not in FOLLOWABLE:
            raise TransitionRefusedError(state=str(primary.state))
        if request.service != primary.service:
            raise InvalidError(errors=[field_error("/into", "request", language)])
        if not has_room(primary, request):
            raise ConflictError("too-many-followers")
        if len(await self._duplicates.merged_into(primary.id, MAX_MERGED)) >= MAX_MERGED:
            raise ConflictError("too-many-merged", most=MAX_MERGED)
        return primary

    async def _write(self, both: Callable[[], Awaitable[Both]]) -> Request:
        """Change a request and its primary and write both or neither; try again if another writer was faster."""

        async def attempt() -> Request:
            request, primary = await both()
            if not await self._store.save_together([one for one in (request, primary) if one is not None]):
                raise OvertakenError
            return await self._store.get(request.id) or request

        return await retry_overtaken(attempt)

    async def _of_department(self, officer: Principal, number: str, rev: int) -> Request:
        """A request at the officer's department, or whose primary is there. Raises NotFoundError."""
        request = await self._store.get(number)
        if request is None or not officer.department:
            raise NotFoundError
        primary = await primary_of(self._store, request)
        if officer.department not in (request.department, primary.department if primary else None):
            raise NotFoundError
        if await is_hidden(self._store, request, officer.id):
            raise NotFoundError
        if request.rev != rev:
            raise PreconditionFailedError
        return request
