"""Reading requests. Who may see what is part of each query here, not of the route."""

from datetime import datetime
from typing import Any

from services.requests.models.following import follows
from services.requests.models.request import CitizenCopy, Request
from services.requests.service import views
from services.requests.store import OVERLAP, RequestStore
from shared.auth import Principal
from shared.clock import utc_now
from shared.errors import NotFoundError
from shared.paging import cursor_of, read_cursor
from shared.records import Records
from shared.rights import WORKERS, Role
from shared.seal import KeyRing

MOST_CHANGED = 1000


class Reading:
    """Requests as their citizen and their department may see them."""

    def __init__(self, store: RequestStore, citizens: Records[CitizenCopy], keys: KeyRing) -> None:
        self._store = store
        self._keys = keys
        self._citizens = citizens

    async def one(self, principal: Principal, number: str, language: str) -> tuple[dict[str, Any], int]:
        """A request and its revision. Raises NotFoundError also when it is not the principal's to see."""
        request = await self._store.get(number)
        if request is None:
            raise NotFoundError
        if principal.role is Role.CITIZEN and request.citizen_id == principal.id:
            return views.whole(request, self._keys, language), request.rev
        if principal.role in WORKERS and principal.department and request.department == principal.department:
            citizen = None if request.hides_citizen else await self._citizens.get(request.citizen_id)
            return views.details(request, citizen, self._keys, language), request.rev
        if principal.role is Role.CLERK and request.filed_by == principal.id:
            return views.tracking(request, language), request.rev
        if follows(request, principal.id):
            return views.tracking(request, language), request.rev
        raise NotFoundError

    async def own(self, citizen_id: str, cursor: str | None, limit: int) -> dict[str, Any]:
        """A page of a citizen's requests, newest first."""
        before = None if cursor is None else read_cursor(cursor)
        found = await self._store.own(citizen_id, before=before, limit=limit + 1)
        page = found[:limit]
        more = len(found) > limit
        return {
            "requests": [views.summary(request) for request in page],
            "next": cursor_of(page[-1].submitted_at, page[-1].id) if more else None,
        }

    async def updates(self, citizen_id: str, after: str, limit: int) -> dict[str, Any]:
        """Steps of a citizen's requests after a cursor, oldest first."""
        if not after:
            return {"updates": [], "next": views.cursor_of(utc_now(), "", 0)}
        since = _moment(after)
        changed = await self._store.changed_since(citizen_id, since, MOST_CHANGED)
        return _updates(changed, since, after, limit)

    @staticmethod
    def updates_of(request: Request, after: str) -> dict[str, Any]:
        """Steps of one request after a cursor, for who has proven to know its number and digits."""
        if not after:
            return {"updates": [], "next": views.cursor_of(utc_now(), "", 0)}
        return _updates([request], _moment(after), after, 500)


def _updates(requests: list[Request], since: datetime, after: str, limit: int) -> dict[str, Any]:
    steps = [
        (entry["noted_at"], request.id, entry["n"], request, entry)
        for request in requests
        for entry in request.history
        if entry["noted_at"] >= since - OVERLAP
    ]
    steps.sort(key=lambda step: step[:3])
    updates = [views.update(request, entry) for *_, request, entry in steps]
    told_again = [update for update in updates if update["id"] != after and _moment(update["id"]) <= since]
    later = [update for update in updates if _moment(update["id"]) > since][:limit]
    return {"updates": [*told_again, *later], "next": later[-1]["id"] if later else after}


def _moment(cursor: str) -> datetime:
    return read_cursor(cursor)[0]
