"""A citizen's own messages."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from services.notifier import schemas
from services.notifier.read_marks import ReadMarks
from services.notifier.reading import Reading
from shared.auth import Principal, needs
from shared.rights import Right

router = APIRouter()


def reading_of(request: Request) -> Reading:
    """The reading use cases of this process."""
    reading: Reading = request.app.state.reading
    return reading


@router.get("/api/v1/notifications", tags=["notifications"])
async def own_notifications(
    request: Request,
    principal: Annotated[Principal, Depends(needs(Right.NOTIFICATIONS))],
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> schemas.OwnNotifications:
    """One's own notifications, newest first; `next` is the cursor of the next page. Codes are never shown."""
    page = await reading_of(request).own(principal.id, cursor, limit)
    marks: ReadMarks = request.app.state.read_marks
    return {**page, "unread": await marks.unread(principal.id)}


@router.get("/api/v1/notifications/export", operation_id="export_notifications", tags=["own data"])
async def export(
    request: Request,
    response: Response,
    principal: Annotated[Principal, Depends(needs(Right.OWN_DATA))],
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> schemas.ExportedNotifications:
    """How one is reached and what was sent to one, newest first, 500 at once; `next` for more."""
    response.headers["Cache-Control"] = "no-store"
    return await reading_of(request).export(principal.id, cursor)
