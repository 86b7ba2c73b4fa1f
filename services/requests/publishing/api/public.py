"""Published requests as open data: JSON in pages, CSV, and the steps of all of them."""

import csv
import io
import json
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import Query, Request, Response
from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from starlette.responses import JSONResponse

from services.requests.publishing import schemas
from services.requests.publishing.models import PublicQuery
from services.requests.publishing.service.reading import PublicReading
from shared.auth import Public
from shared.clock import utc_now, zoned
from shared.errors import InvalidError, field_error, language_of
from shared.openapi import answering, file_of
from shared.paging import MAX_CURSOR
from shared.routes import Router, use
from shared.spelling import AS_CODE
from shared.spreadsheet import as_cell

router = Router(prefix="/api/v1", tags=["open data"], dependencies=[Public])
CACHED = {"Cache-Control": "public, max-age=30", "Vary": "Accept-Language"}
MAX_PAGE, MAX_SKIP, MAX_IDS = 1000, 20_000, 100
MAX_SPAN = timedelta(days=92)
ServiceCode = Annotated[str, Field(pattern=r"^[a-z0-9-]{3,60}$")]
PublicId = Annotated[str, Field(min_length=3, max_length=40), AS_CODE]
UsesReading = Annotated[PublicReading, use("public")]
COLUMNS = tuple(name for name in schemas.PublicRequest.__annotations__ if name not in ("updates", "service_name"))
"""The columns of the CSV."""
Time = Annotated[datetime, AfterValidator(zoned)]


class PublicList(BaseModel):
    """The query: services, open or closed ones, a time, and the page."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    service: Annotated[list[ServiceCode], Field(max_length=50)] = []
    status: Literal["open", "closed"] | None = None
    since: Time | None = Field(default=None, description="filed at this time or later")
    until: Time | None = Field(default=None, description="filed before this time")
    id: Annotated[list[PublicId], Field(max_length=MAX_IDS)] = Field(default=[], description="these ids, and no others")
    updates: Annotated[bool, Field(description="with the steps of each")] = False
    limit: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 100
    cursor: Annotated[str | None, Field(max_length=MAX_CURSOR)] = None
    skip: Annotated[int, Field(ge=0, le=MAX_SKIP, description="for pages by number; prefer `cursor`")] = 0

    @property
    def wanted(self) -> PublicQuery:
        """The query as the service takes it."""
        is_open = None if self.status is None else self.status == "open"
        return PublicQuery(tuple(self.service), is_open, self.since, self.until)


@router.get("/public/requests", responses=answering(schemas.PublicRequests))
async def public_requests(request: Request, public: UsesReading, query: Annotated[PublicList, Query()]) -> Response:
    """Published requests, newest first: no names, a point within a hundred metres, only words that an officer released.

    The ids are not tracking numbers. Services say whether they are published (`public` in the catalogue); a request
    whose citizen stays hidden is not.
    """
    return JSONResponse(await listed(public, query, language_of(request.headers)), headers=CACHED)


@router.get("/public/requests.csv", responses={200: file_of("text/csv")}, response_class=Response)
async def public_requests_csv(request: Request, public: UsesReading, query: Annotated[PublicList, Query()]) -> Response:
    """The same as CSV (RFC 4180, UTF-8); the header `Link` names the next page."""
    page = await listed(public, query, language_of(request.headers))
    headers = {**CACHED, "Content-Disposition": 'attachment; filename="rabta-requests.csv"'}
    if page["next"]:
        following = request.url.include_query_params(cursor=page["next"]).remove_query_params("skip")
        headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
    return Response(as_csv(page["requests"]), media_type="text/csv; charset=utf-8", headers=headers)


@router.get("/public/requests/{public_id}", responses=answering(schemas.PublicRequest))
async def public_request(request: Request, public: UsesReading, public_id: str) -> Response:
    """A published request with its steps."""
    return JSONResponse(await public.one(public_id, language_of(request.headers)), headers=CACHED)


@router.get("/public/updates", responses=answering(schemas.PublicUpdates))
async def public_updates(
    request: Request,
    public: UsesReading,
    since: Annotated[Time | None, Query(description="from this time on; usually the last 24 hours")] = None,
    until: Annotated[Time | None, Query(description="before this time")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
) -> Response:
    """The steps of all published requests in a time of at most 92 days, oldest first."""
    language, now = language_of(request.headers), utc_now()
    end = until or now + timedelta(seconds=1)
    start = since or end - timedelta(days=1)
    if not timedelta() <= end - start <= MAX_SPAN:
        raise InvalidError(errors=[field_error("/since", "span", language, days=MAX_SPAN.days)])
    return JSONResponse(await public.updates(start, end, limit, language), headers=CACHED)


async def listed(public: PublicReading, query: PublicList, language: str) -> schemas.PublicRequests:
    """The requests that a query asks for. Raises CursorInvalidError."""
    if query.id:
        return {"requests": await public.named(query.id, steps=query.updates, language=language), "next": None}
    return await public.page(
        query.wanted, cursor=query.cursor, skip=query.skip, limit=query.limit, steps=query.updates, language=language
    )


def as_csv(requests: list[schemas.PublicRequest]) -> str:
    """Requests as CSV. Text that a spreadsheet would take for a formula begins with an apostrophe."""
    rows = io.StringIO()
    writer = csv.writer(rows)
    writer.writerow(COLUMNS)
    for one in requests:
        writer.writerow([_cell(one[name]) for name in COLUMNS])  # type: ignore[literal-required]
    return rows.getvalue()


def _cell(value: object) -> object:
    """The cell: true and false as in JSON, and no formula."""
    if isinstance(value, bool):
        return json.dumps(value)
    return as_cell(value) if isinstance(value, str) else value
