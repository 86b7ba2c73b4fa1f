"""Marking one's messages as read."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from services.notifier import schemas
from services.notifier.read_marks import ReadMarks
from shared.auth import Principal, needs
from shared.jsonbody import Body, body_of, described
from shared.rights import Right

router = APIRouter()
Id = Annotated[str, Field(min_length=1, max_length=200)]


class ReadMessages(Body):
    """Which messages one has read."""

    ids: list[Id] = Field(default=[], max_length=100)
    up_to: Id | None = Field(None, description="this one and all that are older")

    @model_validator(mode="after")
    def check_any(self) -> "ReadMessages":
        """Something is read."""
        if not self.ids and self.up_to is None:
            raise PydanticCustomError("required", "refused")
        return self


@router.post(
    "/api/v1/notifications/read",
    operation_id="mark_notifications_read",
    tags=["notifications"],
    openapi_extra=described(ReadMessages, {"up_to": "routing/RB-7F3K-9Q2M-E/1:sms"}),
)
async def mark_read(
    request: Request,
    principal: Annotated[Principal, Depends(needs(Right.NOTIFICATIONS))],
    body: Annotated[ReadMessages, Depends(body_of(ReadMessages))],
) -> schemas.Unread:
    """Mark messages as read: some by their `ids`, or one and all older ones by `up_to`; how many are left unread."""
    marks: ReadMarks = request.app.state.read_marks
    return {"unread": await marks.mark(principal.id, body.ids, body.up_to)}
