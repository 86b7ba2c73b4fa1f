"""Following a request without an account: by its number and the last four digits of the mobile."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from services.requests.api.parts import Number, Reads, with_etag
from shared.auth import Public
from shared.errors import language_of

router = APIRouter(tags=["tracking"])
Mobile = Annotated[str, Query(pattern=r"^[0-9]{4}$", description="the last four digits of the citizen's mobile")]


@router.get("/track/{number}", dependencies=[Public])
async def track(request: Request, number: Number, mobile: Mobile, reads: Reads) -> Response:
    """Status and dates by tracking number and the last four digits of the mobile; nothing personal."""
    body, rev = await reads.tracked(number, mobile, language_of(request.headers))
    return with_etag(request, body, rev)


@router.get("/track/{number}/updates", tags=["live"], dependencies=[Public])
async def track_updates(
    number: Number, mobile: Mobile, reads: Reads, after: Annotated[str, Query(max_length=80)] = ""
) -> dict[str, Any]:
    """Steps of one tracked request after a cursor."""
    return await reads.tracked_updates(number, mobile, after)
