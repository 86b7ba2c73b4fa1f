"""Reading requests: the citizen's own list, and single requests."""

import re
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import BeforeValidator

from services.requests.filing.schemas import ExportedRequests
from services.requests.filing.service.drafts import DraftService
from services.requests.reading.service.reading import Reading
from services.requests.request.dependencies import Number, Owner, Reader, with_etag
from services.requests.request.models.lifecycle import State
from services.requests.request.models.listing import RequestFilter, states_of
from services.requests.request.schemas import (
    AppealDetails,
    OwnAppeal,
    OwnRequest,
    RequestDetails,
    RequestLines,
    RequestUpdates,
    Tracked,
)
from shared.auth import Principal, needs
from shared.clock import PAKISTAN
from shared.errors import language_of
from shared.openapi import ETAG, answering, titled
from shared.rights import Right
from shared.routes import Router, use
from shared.spelling import code_of
from shared.tracking_number import read_number

router = Router(prefix="/api/v1", tags=["requests"])
exports = Router(prefix="/api/v1", tags=["own data"])
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(9000, 1, 1)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
AnyView = OwnRequest | OwnAppeal | RequestDetails | AppealDetails | Tracked
"""A request as seen by its citizen, its department, the clerk who filed it, or a follower."""
Stage = Literal["submission", "verification", "processing", "completion"]
RequestState = Annotated[State, titled("RequestState", State)]

Code = Annotated[str | None, Query(pattern=r"^[a-z0-9-]{1,60}$", description="a service's code")]


def iso_day(text: object) -> object:
    """A day such as `2026-11-24`. Raises ValueError for other spellings."""
    day = code_of(text) if isinstance(text, str) else ""
    if not DAY.fullmatch(day):
        raise ValueError("not a day")
    return day


Day = Annotated[date | None, BeforeValidator(iso_day)]


async def list_query(
    state: Annotated[list[RequestState] | None, Query(max_length=20, description="any of these states")] = None,
    stage: Annotated[list[Stage] | None, Query(max_length=4, description="any of these stages")] = None,
    service: Code = None,
    kind: Annotated[Literal["application", "complaint", "appeal"] | None, Query()] = None,
    first: Annotated[Day, Query(alias="from", description="filed on this day or later")] = None,
    last: Annotated[Day, Query(alias="to", description="filed on this day or before")] = None,
    q: Annotated[
        str | None,
        Query(max_length=200, description="parts of words in either script that must all occur; or a number"),
    ] = None,
) -> RequestFilter:
    """The filter of the list. Days are Pakistan's and inclusive."""
    states, number = states_of(state or (), stage or ()), None if q is None else read_number(q)
    return RequestFilter(states, service, kind, start_of(first), start_of(last, days=1), number, q)


def start_of(day: date | None, days: int = 0) -> datetime | None:
    """Midnight at the start of a day, or `days` later."""
    if day is None:
        return None
    return datetime.combine(min(max(day, FIRST_DAY), LAST_DAY) + timedelta(days=days), time(), PAKISTAN)


UsesReading = Annotated[Reading, use("reading")]


@router.get("/requests")
async def list_requests(
    principal: Owner,
    reads: UsesReading,
    wanted: Annotated[RequestFilter, Depends(list_query)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> RequestLines:
    """The caller's requests that match all filters, newest first; `next` is the cursor of the next page.

    With `q` at most 1,000 requests are searched for each page: a page can be short or empty and still have a `next`.
    """
    return await reads.own(principal.id, wanted, cursor, limit)


@exports.get("/requests/export", operation_id="export_requests")
async def export(
    request: Request,
    response: Response,
    principal: Annotated[Principal, Depends(needs(Right.OWN_DATA))],
    reads: UsesReading,
    drafts: Annotated[DraftService, use("drafts")],
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> ExportedRequests:
    """All the caller's requests in full, newest first, in pages of 500; `next` is the cursor of the following page.

    The first page also has the drafts.
    """
    response.headers["Cache-Control"] = "no-store"
    return await reads.export(principal.id, cursor, drafts, language_of(request.headers))


@router.get("/requests/updates", tags=["live"])
async def updates(
    principal: Owner,
    reads: UsesReading,
    after: Annotated[str, Query(max_length=80)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> RequestUpdates:
    """Steps of the caller's requests after a cursor, oldest first; without a cursor only the cursor of now.

    Steps of the two seconds before the cursor may be repeated with the same id.
    """
    return await reads.updates(principal.id, after, limit)


@router.get("/requests/{number}", responses=answering(AnyView, 200, ETAG))
async def get_request(request: Request, number: Number, principal: Reader, reads: UsesReading) -> Response:
    """A request of the caller; for a department one that it has; for a clerk the status of one that the clerk filed."""
    return with_etag(request, *await reads.one(principal, number, language_of(request.headers)))
