"""What the gateway itself serves: the description of the API, documents for programmers, and `security.txt`.

The pages are in `gateway.web`.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup, escape
from starlette.responses import FileResponse, PlainTextResponse, Response

from gateway.compression import cacheable
from gateway.openapi import ApiDescription, Renderer
from shared.auth import Public
from shared.errors import NotFoundError
from shared.openapi import types_of
from shared.queries import OnlyKnown

STATIC = Path(__file__).parent / "static"
CACHED = {"Cache-Control": "public, max-age=300"}
DOCUMENTS = Path(__file__).parents[1] / "docs"
FOR_DEPARTMENTS = frozenset({"departments.md", "events.md", "asyncapi.yaml", "clients.md", "lifecycle.md", "rights.md"})
"""What the programmers of a department read; the image of the gateway has these files (`deploy/Dockerfile`)."""

router = APIRouter(include_in_schema=False, dependencies=[Public])


@router.get("/docs.css")
async def style() -> Response:
    """The style sheet of the description."""
    return FileResponse(STATIC / "docs.css", media_type="text/css", headers=CACHED)


@router.get("/.well-known/security.txt", dependencies=[OnlyKnown])
async def security_txt(request: Request) -> Response:
    """Where to report a vulnerability (RFC 9116)."""
    settings = request.app.state.settings
    expires = (datetime.now(UTC) + timedelta(days=180)).replace(microsecond=0, second=0, minute=0)
    lines = (
        f"Contact: {settings.security_contact}",
        f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, ur",
        f"Canonical: {settings.public_url}/.well-known/security.txt",
    )
    return PlainTextResponse("\n".join(lines) + "\n")


@router.get("/api/v1/openapi.json", dependencies=[OnlyKnown])
async def openapi(request: Request) -> Response:
    """The whole API in OpenAPI 3.1."""
    return await described(request, as_json, "application/json")


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The whole API as a page."""
    return await described(request, as_page, "text/html; charset=utf-8")


@router.get("/docs/{name}", dependencies=[OnlyKnown])
async def document(name: str) -> Response:
    """A document for the programmers of a department, as text that a browser shows."""
    if name not in FOR_DEPARTMENTS:
        raise NotFoundError
    return FileResponse(DOCUMENTS / name, media_type="text/plain; charset=utf-8", headers=CACHED)


async def described(request: Request, render: Renderer, media_type: str) -> Response:
    """The rendered description. Compressing it is safe, because it contains no secret."""
    description: ApiDescription = request.app.state.description
    plain, zipped = await description.rendered(render)
    return cacheable(request, plain, zipped, {"Content-Type": media_type})


def as_json(merged: dict[str, Any]) -> bytes:
    """The description as JSON."""
    return json.dumps(merged, ensure_ascii=False, separators=(",", ":")).encode()


def as_page(merged: dict[str, Any]) -> bytes:
    """The description as a page."""
    groups: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, item in merged["paths"].items():
        for method, operation in item.items():
            groups.setdefault(operation["tags"][0], []).append((method, path, operation))
    page = templates().get_template("docs.html")
    return page.render(groups=dict(sorted(groups.items())), components=merged["components"]).encode()


@cache
def templates() -> Environment:
    """The template of the description, with its filters."""
    environment = Environment(loader=FileSystemLoader(STATIC), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(json=partial(json.dumps, ensure_ascii=False, indent=2), prose=prose, types=types_of)
    return environment


def prose(text: str) -> Markup:
    """A text; words between backticks become code."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))
