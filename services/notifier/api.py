"""HTTP in, one use case, HTTP out."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from services.notifier import outbox, schemas
from services.notifier.reading import Reading
from shared.auth import Principal, Public, needs
from shared.errors import NotFoundError
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
) -> schemas.Notifications:
    """One's own notifications, newest first; `next` is the cursor of the next page. Codes are never shown."""
    return await reading_of(request).own(principal.id, cursor, limit)


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


@router.get("/dev/outbox", include_in_schema=False, dependencies=[Public])
async def dev_outbox(
    request: Request,
    to: Annotated[str | None, Query(max_length=30)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    format: Annotated[Literal["html", "json"], Query()] = "html",
) -> Response:
    """Every message as it would have reached a handset, codes and all. Demo and test only."""
    refuse_production(request)
    messages = await reading_of(request).outbox(to, limit)
    no_store = {"Cache-Control": "no-store"}
    if format == "json":
        return JSONResponse({"messages": messages}, headers=no_store)
    return HTMLResponse(outbox.page(messages, to or ""), headers=no_store)


@router.get("/dev/outbox/outbox.css", include_in_schema=False, dependencies=[Public])
async def dev_outbox_style(request: Request) -> Response:
    """How the outbox looks."""
    refuse_production(request)
    return FileResponse(outbox.STYLE, media_type="text/css")


def refuse_production(request: Request) -> None:
    """Raise NotFoundError where developer conveniences do not exist."""
    if request.app.state.settings.is_production:
        raise NotFoundError
