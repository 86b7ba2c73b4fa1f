"""Tracking a request without an account, by its number and the last four digits of the mobile.

Every route below `/track/{number}` gets the request from `Tracked`, which limits guesses.
"""

from typing import Annotated

from fastapi import Depends, Query, Request, Response
from pydantic import BeforeValidator

from services.requests.reading.service.reading import Reading
from services.requests.reading.service.tracking import Tracking
from services.requests.request import schemas
from services.requests.request.dependencies import Number, with_etag
from services.requests.request.models.request import Request as ServiceRequest
from services.requests.request.schemas import RequestUpdates
from services.requests.request.service import views
from shared.auth import Public
from shared.client_address import client_address
from shared.errors import language_of
from shared.openapi import ETAG, answering
from shared.routes import Router, use
from shared.spelling import bare

router = Router(prefix="/api/v1", tags=["tracking"])
Mobile = Annotated[
    str,
    Query(
        pattern=r"^[0-9]{4}$",
        description="last four digits of the citizen's mobile; for confidential and anonymous requests the track code",
    ),
    BeforeValidator(bare),
]


async def tracked(
    request: Request, number: Number, mobile: Mobile, tracking: Annotated[Tracking, use("tracking")]
) -> ServiceRequest:
    """The request, if the digits are correct. Raises NotFoundError, TooManyRequestsError."""
    return await tracking.find(number, mobile, client_address(request))


Tracked = Annotated[ServiceRequest, Depends(tracked)]


@router.get("/track/{number}", dependencies=[Public], responses=answering(schemas.Tracked, 200, ETAG))
async def track(request: Request, found: Tracked) -> Response:
    """Status and dates by tracking number and the last four digits of the mobile, without personal data.

    After ten wrong attempts an address gets one more for this number every half hour; after 100 wrong attempts from
    all addresses the number allows one every ten minutes (429, `Retry-After`). Its citizen can log in instead.
    """
    return with_etag(request, views.tracking(found, language_of(request.headers)), found.rev)


@router.get("/track/{number}/updates", tags=["live"], dependencies=[Public])
async def track_updates(found: Tracked, after: Annotated[str, Query(max_length=80)] = "") -> RequestUpdates:
    """Steps of one tracked request after a cursor."""
    return Reading.updates_of(found, after)
