"""Whether one's messages arrive."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from services.notifier import schemas
from services.notifier.reaching import Reaching
from shared.auth import Principal, needs
from shared.rights import Right

router = APIRouter()


@router.get("/api/v1/notifications/reach", operation_id="read_reach", tags=["notifications"])
async def reach(
    request: Request, principal: Annotated[Principal, Depends(needs(Right.NOTIFICATIONS))]
) -> schemas.Reach:
    """Whether our messages reach one by SMS and by email; `failing` asks for another address."""
    reaching: Reaching = request.app.state.reaching
    return await reaching.own(principal.id)
