"""The developer's outbox: messages as a phone would show them. It does not exist in production."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Annotated, Literal

from fastapi import Query, Request
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


def page(messages: Sequence[Mapping[str, str]], to: str = "") -> str:
    """The page with all messages, or those `to` one number. All outside text is escaped."""
    days = groupby(messages, key=lambda message: local(message).date())
    shown = "".join(one_day([*group]) for _, group in days) or nothing(to)
    return Template((PAGES / "outbox.html").read_text(encoding="utf-8")).substitute(to=escape(to), messages=shown)


def nothing(to: str) -> str:
    """The text if there is no message."""
    if to:
        return '<p class="none">No message went to this number. <a href="/dev/outbox">See all</a></p>'
    return '<p class="none">No message was sent yet. Register or sign in, and look again.</p>'


def one_day(messages: Sequence[Mapping[str, str]]) -> str:
    """The messages of one day under its date."""
    return f"<h2>{day(local(messages[0]), 'en')}</h2><ol>" + "".join(map(one, messages)) + "</ol>"


def one(message: Mapping[str, str]) -> str:
    """One message: recipient, time, its code in large digits, and its text."""
    attributes = 'lang="ur" dir="rtl"' if message["language"] == "ur" else 'lang="en" dir="ltr"'
    at = local(message)
    code = CODE.search(message["words"])
    digits = f'<p class="code"><span class="vh">Code</span> <b>{code[0]}</b></p>' if code else ""
    return (
        f"<li><header><b>{'Email' if message['channel'] == EMAIL else 'SMS'}</b>"
        f'<span>to <bdi dir="ltr">{escape(masked(message["to"]))}</bdi></span>'
        f'<time datetime="{at.isoformat()}">{at:%H:%M:%S}</time></header>'
        f'{digits}<p class="words" {attributes}>{escape(message["words"])}</p></li>'
    )


def local(message: Mapping[str, str]) -> datetime:
    """The time of sending, in Pakistan."""
    return datetime.fromisoformat(message["at"]).astimezone(PAKISTAN)
