"""Reading requests: the citizen's own list, and single requests."""

import re
from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Query, Request, Response
from pydantic import BeforeValidator

from services.requests.reading.service.reading import ListQuery, Reading
from services.requests.request.dependencies import Number, Owner, Reader, with_etag
from services.requests.request.models.lifecycle import State
from services.requests.request.schemas import (
    AppealDetails,
    OwnAppeal,
    OwnRequest,
    RequestDetails,
    RequestLines,
    RequestUpdates,
    Tracked,
)
from shared.errors import language_of
from shared.openapi import ETAG, answering, titled
from shared.routes import Router, use
from shared.spelling import code_of

router = Router(prefix="/api/v1", tags=["requests"])
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
) -> ListQuery:
    """The query of the list."""
    return ListQuery(state or (), stage or (), service, kind, first, last, q)


UsesReading = Annotated[Reading, use("reading")]


@router.get("/requests")
async def list_requests(
    principal: Owner,
    reads: UsesReading,
    query: Annotated[ListQuery, Depends(list_query)],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> RequestLines:
    """The caller's requests that match all filters, newest first; `next` is the cursor of the next page.

    With `q` at most 1,000 requests are searched for each page: a page can be short or empty and still have a `next`.
    """
    return await reads.own(principal.id, query, cursor, limit)


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
