"""The developer's outbox: messages as a phone would show them. It does not exist in production."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Literal

from fastapi import Query, Request
from jinja2 import Environment, Template
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, Response

from services.notifier.api.reading import UsesMessages
from services.notifier.models.message import EMAIL
from services.notifier.own_messages import masked
from services.notifier.writing.templates import day
from shared.auth import Public
from shared.clock import PAKISTAN
from shared.errors import NotFoundError
from shared.routes import Router

router = Router()
PAGES = Path(__file__).parent / "pages"
STYLE = PAGES / "outbox.css"
CODE = re.compile(r"(?<![\w-])\d{6}(?![\w-])")
"""A one-time code that is not part of a number."""


@router.get("/dev/outbox", include_in_schema=False, dependencies=[Public])
async def dev_outbox(
    request: Request,
    reading: UsesMessages,
    to: Annotated[str | None, Query(max_length=30)] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 50,
    format: Annotated[Literal["html", "json"], Query()] = "html",
) -> Response:
    """All messages as they would have reached a phone, including codes. Demo and test only."""
    refuse_production(request)
    messages = await reading.outbox(to, limit)
    no_store = {"Cache-Control": "no-store"}
    if format == "json":
        return JSONResponse({"messages": messages}, headers=no_store)
    return HTMLResponse(page(messages, to or ""), headers=no_store)


@router.get("/dev/outbox/outbox.css", include_in_schema=False, dependencies=[Public])
async def dev_outbox_style(request: Request) -> Response:
    """The style sheet of the outbox."""
    refuse_production(request)
    return FileResponse(STYLE, media_type="text/css")


def refuse_production(request: Request) -> None:
    """Raise NotFoundError in production."""
    if request.app.state.settings.is_production:
        raise NotFoundError


@cache
def _page() -> Template:
    return Environment(autoescape=True, trim_blocks=True).from_string((PAGES / "outbox.html").read_text("utf-8"))


def page(messages: Sequence[Mapping[str, str]], to: str = "") -> str:
    """The page with all messages, or those `to` one number. All outside text is escaped."""
    days = groupby((_shown(one) for one in messages), key=lambda one: day(one["at"], "en"))
    return _page().render(to=to, days=[(date, list(group)) for date, group in days])


def _shown(message: Mapping[str, str]) -> dict[str, Any]:
    """One message with a masked recipient, the time in Pakistan, and its code."""
    at, code = datetime.fromisoformat(message["at"]).astimezone(PAKISTAN), CODE.search(message["words"])
    is_email = message["channel"] == EMAIL
    return {**message, "to": masked(message["to"]), "at": at, "code": code and code[0], "is_email": is_email}
