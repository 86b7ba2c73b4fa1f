"""Requests held up by verification: listed for their department, and overridden with a reason."""

from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.requests.life.service.overriding import Override, Overriding
from services.requests.request.dependencies import Number, with_etag
from services.requests.request.schemas import HeldUps, RequestLine
from services.requests.request.service import views
from shared.auth import Principal, needs
from shared.errors import NotFoundError, language_of
from shared.openapi import ETAG, answering
from shared.request_headers import Revision
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["verification"])
Officer = Annotated[Principal, Depends(needs(Right.OVERRIDE_VERIFICATION))]


UsesOverriding = Annotated[Overriding, use("overriding")]


@router.get("/requests/unverified")
async def unverified(
    request: Request,
    officer: Officer,
    overriding: UsesOverriding,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> HeldUps:
    """Requests held up by verification that would go to the caller's department, longest waiting first."""
    if officer.department is None:
        raise NotFoundError
    return await overriding.waiting(officer.department, cursor, limit, language_of(request.headers))


@router.post("/requests/{number}/override", responses=answering(RequestLine, 200, ETAG))
async def override(
    request: Request, number: Number, officer: Officer, overriding: UsesOverriding, revision: Revision, body: Override
) -> Response:
    """Let a request pass although a rule failed; the citizen can read why. `If-Match` names the revision seen."""
    changed = await overriding.override(officer, number, revision, body)
    return with_etag(request, views.summary(changed), changed.rev)
