"""The developer's outbox; it does not exist in production."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from services.notifier import outbox
from services.notifier.api.reading import reading_of
from shared.auth import Public
from shared.errors import NotFoundError

router = APIRouter()


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
