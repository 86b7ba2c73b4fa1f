"""Published requests as open data: JSON in pages, CSV, and the steps of all of them."""

import csv
import io
import json
from datetime import timedelta
from typing import Annotated

from fastapi import Query, Request, Response
from starlette.responses import JSONResponse

from services.requests.publishing import schemas
from services.requests.publishing.models import MAX_PAGE, PublicQuery, Time
from services.requests.publishing.service.reading import PublicReading
from shared.auth import Public
from shared.clock import utc_now
from shared.errors import InvalidError, field_error, language_of
from shared.openapi import answering, file_of
from shared.routes import Router, use
from shared.spreadsheet import as_cell

router = Router(prefix="/api/v1", tags=["open data"], dependencies=[Public])
CACHED = {"Cache-Control": "public, max-age=30", "Vary": "Accept-Language"}
MAX_SPAN = timedelta(days=92)
UsesReading = Annotated[PublicReading, use("public")]
Asked = Annotated[PublicQuery, Query()]
COLUMNS = tuple(name for name in schemas.PublicRequest.__annotations__ if name not in ("updates", "service_name"))
"""The columns of the CSV."""


@router.get("/public/requests", responses=answering(schemas.PublicRequests))
async def public_requests(request: Request, public: UsesReading, query: Asked) -> Response:
    """Published requests, newest first: no names, a point within a hundred metres, only words that an officer released.

    The ids are not tracking numbers. Services say whether they are published (`public` in the catalogue); a request
    whose citizen stays hidden is not.
    """
    return JSONResponse(await public.page(query, language_of(request.headers)), headers=CACHED)


@router.get("/public/requests.csv", responses={200: file_of("text/csv")}, response_class=Response)
async def public_requests_csv(request: Request, public: UsesReading, query: Asked) -> Response:
    """The same as CSV (RFC 4180, UTF-8); the header `Link` names the next page."""
    page = await public.page(query, language_of(request.headers))
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
