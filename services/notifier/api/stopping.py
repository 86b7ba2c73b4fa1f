"""Stopping optional messages by the link of an email, without signing in: the link itself shows whose it is."""

from typing import Annotated

from fastapi import APIRouter, Path, Request

from services.notifier import schemas
from services.notifier.api.preferences import choosing_of
from shared.auth import Public

PATH = "/api/v1/notifications/stop/{token}"
router = APIRouter(tags=["notifications"], dependencies=[Public])
Token = Annotated[str, Path(max_length=150, description="what stands at the end of the link")]


@router.get(PATH, operation_id="read_stop_link")
async def read(request: Request, token: Token) -> schemas.Stop:
    """Which messages a link is about, and whether they are stopped. Changes nothing."""
    group, stopped = await choosing_of(request).stopped(token)
    return {"group": group.value, "stopped": stopped}


@router.post(PATH, operation_id="stop_messages")
async def stop(request: Request, token: Token) -> schemas.Stop:
    """Send this group of messages no more. They are still on the page of one's messages."""
    return {"group": (await choosing_of(request).stop(token, stopped=True)).value, "stopped": True}


@router.delete(PATH, operation_id="start_messages_again")
async def start(request: Request, token: Token) -> schemas.Stop:
    """Send this group of messages again, by email."""
    return {"group": (await choosing_of(request).stop(token, stopped=False)).value, "stopped": False}
