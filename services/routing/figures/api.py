"""Public figures: JSON, CSV, and the definition of each column. Anybody may read them."""

import hashlib
from typing import Annotated

from fastapi import Depends, Query, Request, Response
from starlette.responses import JSONResponse

from services.routing.figures import schemas, views
from services.routing.figures.models.days import MAX_MONTHS, MONTH, MONTHS_SHOWN, earlier, month_of, months_between
from services.routing.figures.models.rows import FigureQuery, Level
from services.routing.figures.service import PublicFigures
from shared.auth import Public
from shared.clock import utc_now
from shared.errors import InvalidError, field_error, language_of
from shared.openapi import ETAG, answering, file_of, with_headers
from shared.request_headers import client_has
from shared.routes import Router, use

router = Router(prefix="/api/v1/public", tags=["figures"], dependencies=[Public])
CACHED = "public, max-age=60"
CSV = "text/csv; charset=utf-8"
Code = Annotated[str | None, Query(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=60)]
UsesFigures = Annotated[PublicFigures, use("figures")]


async def wanted_figures(
    request: Request,
    first: Annotated[str | None, Query(alias="from", pattern=MONTH, description="the first month: 2026-01")] = None,
    last: Annotated[str | None, Query(alias="to", pattern=MONTH, description="the last month")] = None,
    department: Code = None,
    service: Code = None,
    district: Code = None,
    level: Annotated[Level | None, Query(description="by what the rows count; all of them without it")] = None,
) -> FigureQuery:
    """What is asked for; without months the last twelve. Raises InvalidError."""
    until = last or month_of(utc_now())
    query = FigureQuery(first or earlier(until, MONTHS_SHOWN - 1), until, department, service, district, level)
    if not 0 < len(months_between(query.first, query.last)) <= MAX_MONTHS:
        raise InvalidError(errors=[field_error("/from", "months", language_of(request.headers))])
    return query


Wanted = Annotated[FigureQuery, Depends(wanted_figures)]


@router.get("/figures", responses=answering(schemas.PublishedFigures, 200, ETAG))
async def public_figures(request: Request, query: Wanted, figures: UsesFigures) -> Response:
    """How departments keep their dates, by month: for all, by department and service, and by district.

    `level` chooses by what the rows count; `department`, `service` and `district` select among them. Every figure is
    about at least five requests, also after subtraction. `/figures/dictionary` defines each one.
    """
    return cached(request, JSONResponse(views.answer(query, *await figures.read(query))))


@router.get("/figures.csv", responses={200: {**file_of("text/csv"), **with_headers(ETAG)}}, response_class=Response)
async def figures_as_csv(request: Request, query: Wanted, figures: UsesFigures) -> Response:
    """The same rows as a table: a header line, then one line for each group and month."""
    rows = views.answer(query, *await figures.read(query))["rows"]
    return cached(request, Response(views.csv_text(rows), media_type=CSV))


@router.get("/figures/dictionary", responses=answering(schemas.FigureDictionary, 200, ETAG))
async def figures_dictionary(request: Request) -> Response:
    """What each column of the figures means, and how it is counted."""
    return cached(request, JSONResponse(views.dictionary(language_of(request.headers))), "Accept-Language")


def cached(request: Request, answer: Response, vary: str = "") -> Response:
    """A public answer with its ETag, or 304 if the client already has it."""
    tag = f'"{hashlib.blake2b(bytes(answer.body), digest_size=12).hexdigest()}"'
    headers = {"ETag": tag, "Cache-Control": CACHED, **({"Vary": vary} if vary else {})}
    if client_has(request.headers.get("if-none-match", ""), tag):
        return Response(status_code=304, headers=headers)
    answer.headers.update(headers)
    return answer
