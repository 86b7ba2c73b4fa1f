"""Reading requests. Each query returns only what the reader may see."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from services.requests.duplicates.models import MAX_MERGED, follows
from services.requests.duplicates.store import DuplicateStore
from services.requests.filing.schemas import ExportedRequests
from services.requests.filing.service.drafts import DraftService
from services.requests.reading.models import actions_of_department, has_or_gets
from services.requests.reading.service.search import MAX_SEARCHED, TextSearch
from services.requests.request.models.listing import RequestFilter
from services.requests.request.models.replicas import CitizenReplica
from services.requests.request.models.request import Request
from services.requests.request.models.words import words_of
from services.requests.request.schemas import (
    AppealDetails,
    OwnAppeal,
    OwnRequest,
    RequestDetails,
    RequestLines,
    RequestUpdates,
    Tracked,
)
from services.requests.request.service import views
from services.requests.request.service.access_log import AccessLog
from services.requests.request.service.colleagues import Colleagues
from services.requests.request.service.merged import is_hidden, primary_of
from services.requests.request.store.requests import OVERLAP, TEXTS, RequestStore
from shared.auth import Principal
from shared.clock import utc_now
from shared.errors import NotFoundError
from shared.paging import Position, cursor_of, page_of, read_cursor, time_text
from shared.records import Records
from shared.rights import WORKERS, Role
from shared.seal import KeyRing

MAX_CHANGED = 1000
EXPORTED = 500
"""Requests on a page of the export."""


class Read(NamedTuple):
    """The view of a request, its revision, and the sum of the revisions of other records shown with it."""

    body: OwnRequest | RequestDetails | Tracked
    rev: int
    beside: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """Reads requests for citizens and departments."""

    store: RequestStore
    citizens: Records[CitizenReplica]
    keys: KeyRing
    search: TextSearch
    accesses: AccessLog
    duplicates: DuplicateStore
    colleagues: Colleagues

    async def one(self, principal: Principal, number: str, language: str) -> Read:
        """A request as the principal may see it. Raises NotFoundError, also if the principal may not see it."""
        request = await self.store.get(number)
        if request is None:
            raise NotFoundError
        if principal.role is Role.CITIZEN and request.citizen_id == principal.id:
            primary, first = await primary_of(self.store, request), await self._first(request)
            own = views.own_detail(request, self.keys, language, primary=primary)
            if first is None:
                return Read(own, request.rev, _revisions(primary))
            appeal: OwnAppeal = {**own, "original": views.own_detail(first, self.keys, language)}
            return Read(appeal, request.rev, _revisions(first))
        if principal.role in WORKERS and await self._works_on(principal, request):
            return await self._details(principal, request, language)
        if principal.role is Role.CLERK and request.filed_by == principal.id:
            await self.accesses.note(principal, request)
            return Read(views.tracking(request, language), request.rev)
        if follows(request, principal.id):
            return Read(views.tracking(request, language), request.rev)
        raise NotFoundError

    async def _works_on(self, principal: Principal, request: Request) -> bool:
        """Whether the request or its primary is at the reader's department, or would go there."""
        if await is_hidden(self.store, request, principal.id):
            return False
        if has_or_gets(request, principal.department):
            return True
        primary = await primary_of(self.store, request)
        return primary is not None and has_or_gets(primary, principal.department)

    async def _details(self, principal: Principal, request: Request, language: str) -> Read:
        """A request for its department, with the requests merged into it; an appeal with the first request.

        It enters the access trail of each citizen whose words are shown.
        """
        first = await self._first(request)
        merged = await self.duplicates.merged_into(request.id, MAX_MERGED)
        merged = [one for one in merged if principal.id not in one.hidden_from]
        await asyncio.gather(*(self.accesses.note(principal, one) for one in (request, *merged)))
        filed = [request, *merged]
        citizens = await self.citizens.load_many({one.citizen_id for one in filed if not one.hides_citizen})
        history = [entry for one in (*filed, *([first] if first else [])) for entry in one.history]
        names = await self.colleagues.names((entry.get("by") for entry in history), language)
        actions = actions_of_department(request, principal.role, principal.department, is_primary=bool(merged))
        beside = views.DetailContext(citizens, names.by_account, merged, actions)
        details = views.detail(request, beside, self.keys, language)
        others = _revisions(first, *citizens.values(), *merged) + names.revisions
        if first is None:
            return Read(details, request.rev, others)
        original = views.detail(first, views.DetailContext(citizens, names.by_account), self.keys, language)
        appeal_details: AppealDetails = {**details, "original": original}
        return Read(appeal_details, request.rev, others)

    async def _first(self, request: Request) -> Request | None:
        """The request that an appeal is about; readers of the appeal may see it."""
        return await self.store.get(request.appeal_of) if request.appeal_of else None

    async def own(self, citizen_id: str, wanted: RequestFilter, cursor: str | None, limit: int) -> RequestLines:
        """A page of a citizen's requests that match the filter, newest first.

        For a text at most `MAX_SEARCHED` requests are searched for each page; the cursor continues with older ones.
        """
        before = read_cursor(cursor)
        if wanted.text is None or wanted.number:
            found = await self.store.own(citizen_id, wanted, before=before, limit=limit + 1)
            page, following = page_of(found, limit, _position)
        else:
            found = await self.store.own(citizen_id, wanted, before=before, limit=MAX_SEARCHED + 1, fields=TEXTS)
            matching = await asyncio.to_thread(self.search.matching, found[:MAX_SEARCHED], wanted.text)
            page, following = page_of(matching, limit, _position)
            if following is None and len(found) > MAX_SEARCHED and words_of(wanted.text):
                following = cursor_of(*_position(found[MAX_SEARCHED - 1]))
        return {"requests": [views.summary(request) for request in page], "next": following}

    async def export(
        self, citizen_id: str, cursor: str | None, drafts: DraftService, language: str
    ) -> ExportedRequests:
        """A page of a citizen's full requests, newest first; the first one also has the drafts."""
        everything, before = RequestFilter(), read_cursor(cursor)
        found = await self.store.own(citizen_id, everything, before=before, limit=EXPORTED + 1, fields=TEXTS)
        page, following = page_of(found, EXPORTED, _position)
        kept = [] if cursor else await drafts.own(citizen_id, language)
        return {
            "exported_at": time_text(utc_now()),
            "requests": [views.own_detail(request, self.keys, language) for request in page],
            "drafts": [
                {"id": one.draft.id, "changed_at": time_text(one.draft.changed_at), **one.filing} for one in kept
            ],
            "next": following,
        }

    async def updates(self, citizen_id: str, after: str, limit: int) -> RequestUpdates:
        """Steps of a citizen's requests after a cursor, oldest first."""
        if not after:
            return {"updates": [], "next": views.cursor_of(utc_now(), "", 0)}
        since = _moment(after)
        changed = await self.store.changed_since(citizen_id, since, MAX_CHANGED)
        return _updates(changed, since, after, limit)

    @staticmethod
    def updates_of(request: Request, after: str) -> RequestUpdates:
        """Steps of one request after a cursor, for tracking."""
        if not after:
            return {"updates": [], "next": views.cursor_of(utc_now(), "", 0)}
        return _updates([request], _moment(after), after, 500)


def _updates(requests: list[Request], since: datetime, after: str, limit: int) -> RequestUpdates:
    steps = [
        (entry["noted_at"], request.id, entry["n"], request, entry)
        for request in requests
        for entry in request.history
        if entry["noted_at"] >= since - OVERLAP
    ]
    steps.sort(key=lambda step: step[:3])
    updates = [views.update(request, entry) for *_, request, entry in steps]
    repeated = [update for update in updates if update["id"] != after and _moment(update["id"]) <= since]
    later = [update for update in updates if _moment(update["id"]) > since][:limit]
    return {"updates": [*repeated, *later], "next": later[-1]["id"] if later else after}


def _position(request: Request) -> Position:
    return request.submitted_at, request.id


def _revisions(*records: Request | CitizenReplica | None) -> int:
    return sum(record.rev for record in records if record is not None)


def _moment(cursor: str) -> datetime:
    return read_cursor(cursor)[0]
