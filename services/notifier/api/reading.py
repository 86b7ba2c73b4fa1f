"""Citizens' messages: the list, read marks, whether messages arrive, and the export."""

from typing import Annotated

from fastapi import Depends, Query
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError
from starlette.responses import Response

from services.notifier import schemas
from services.notifier.own_messages import OwnMessages
from shared.auth import Principal, needs
from shared.jsonbody import Body
from shared.rights import Right
from shared.routes import Router, use

router = Router()
UsesMessages = Annotated[OwnMessages, use("own_messages")]
Own = Annotated[Principal, Depends(needs(Right.NOTIFICATIONS))]
Id = Annotated[str, Field(min_length=1, max_length=200)]


class ReadMessages(Body):
    """The messages that the citizen has read."""

    ids: list[Id] = Field(default=[], max_length=100)
    up_to: Id | None = Field(None, description="this one and all that are older")

    @model_validator(mode="after")
    def check_any(self) -> "ReadMessages":
        """Require at least one of the two."""
        if not self.ids and self.up_to is None:
            raise PydanticCustomError("required", "refused")
        return self


@router.get("/api/v1/notifications", tags=["notifications"])
async def own_notifications(
    principal: Own,
    reading: UsesMessages,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> schemas.OwnNotifications:
    """List the caller's notifications, newest first; `next` is the cursor of the next page. Codes are never shown."""
    page = await reading.own(principal.id, cursor, limit)
    return {**page, "unread": await reading.unread(principal.id)}


@router.post("/api/v1/notifications/read", operation_id="mark_notifications_read", tags=["notifications"])
async def mark_read(principal: Own, reading: UsesMessages, body: ReadMessages) -> schemas.Unread:
    """Mark messages as read by `ids`, or one and all older ones by `up_to`; returns the number left unread."""
    return {"unread": await reading.mark_read(principal.id, body.ids, body.up_to)}


@router.get("/api/v1/notifications/reach", operation_id="read_reach", tags=["notifications"])
async def reach(principal: Own, reading: UsesMessages) -> schemas.Reach:
    """Read whether messages reach the caller by SMS and email; `failing` needs another address."""
    return await reading.reach(principal.id)


@router.get("/api/v1/notifications/export", operation_id="export_notifications", tags=["own data"])
async def export(
    response: Response,
    principal: Annotated[Principal, Depends(needs(Right.OWN_DATA))],
    reading: UsesMessages,
    cursor: Annotated[str | None, Query(max_length=200)] = None,
) -> schemas.ExportedNotifications:
    """Export the caller's contact and messages, newest first, 500 at once; `next` for more."""
    response.headers["Cache-Control"] = "no-store"
    return await reading.export(principal.id, cursor)
