"""What the door itself says: what the API offers, and where to report a weakness. Pages for people: `gateway.web`."""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import FileResponse, PlainTextResponse, Response

from gateway.openapi import Description, Pack
from shared.auth import Public
from shared.openapi import types_of
from shared.queries import OnlyKnown

STATIC = Path(__file__).parent / "static"
CACHED = {"Cache-Control": "public, max-age=300"}

router = APIRouter(include_in_schema=False, dependencies=[Public])


@cache
def page(name: str) -> Template:
    """A page with its `$places`."""
    return Template((STATIC / f"{name}.html").read_text(encoding="utf-8"))


@router.get("/docs.css")
async def style() -> Response:
    """How our pages look."""
    return FileResponse(STATIC / "docs.css", media_type="text/css", headers=CACHED)


@router.get("/.well-known/security.txt", dependencies=[OnlyKnown])
async def security_txt(request: Request) -> Response:
    """Whom to tell of a weakness (RFC 9116)."""
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
    description: Description = request.app.state.description
    return packed(request, await description.written(written), "application/json")


@router.get("/docs")
async def docs(request: Request) -> Response:
    """The whole API, for reading."""
    description: Description = request.app.state.description
    return packed(request, await description.written(docs_html), "text/html; charset=utf-8")


def packed(request: Request, pack: Pack, media_type: str) -> Response:
    """What is the same for everybody, compressed if the client accepts that; safe, since it holds no secret."""
    headers = {"Vary": "Accept-Encoding"}
    if re.search(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))", request.headers.get("accept-encoding", "")):
        return Response(pack.zipped, media_type=media_type, headers={**headers, "Content-Encoding": "gzip"})
    return Response(pack.plain, media_type=media_type, headers=headers)


def written(merged: dict[str, Any]) -> bytes:
    """The description as JSON."""
    return json.dumps(merged, ensure_ascii=False, separators=(",", ":")).encode()


def docs_html(merged: dict[str, Any]) -> bytes:
    """The description as a page."""
    groups: dict[str, list[str]] = {}
    for path, item in merged["paths"].items():
        for method, operation in item.items():
            groups.setdefault(operation["tags"][0], []).append(operation_html(method, path, operation))
    body = "".join(
        f'<section id="{anchor(tag)}"><h2>{escape(tag)}</h2>{"".join(operations)}</section>'
        for tag, operations in sorted(groups.items())
    )
    links = " ".join(f'<a href="#{anchor(tag)}">{escape(tag)}</a>' for tag in sorted(groups))
    schemas = "".join(
        f'<details id="{escape(name)}"><summary>{escape(name)}</summary>{pretty(schema)}</details>'
        for name, schema in sorted(merged["components"]["schemas"].items())
    )
    refusals = "".join(
        f"<li><code>{status}</code> {prose(answer['description'])}</li>"
        for status, answer in merged["components"]["responses"].items()
    )
    filled = page("docs").substitute(operations=body, links=links, schemas=schemas, refusals=refusals)
    return filled.encode()


def operation_html(method: str, path: str, operation: dict[str, Any]) -> str:
    """One operation, closed until somebody wants to know."""
    roles = ", ".join(operation.get("x-roles", ["signed in"]))
    who = roles if operation["security"] else "public"
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code></td><td>{escape(p['in'])}{'' if p.get('required') else ', optional'}"
        f"</td><td>{parameter_html(p)}</td></tr>"
        for p in operation.get("parameters", [])
    )
    body = "".join(
        f"<h3>Body <code>{escape(kind)}</code></h3>{pretty(content.get('example', content.get('schema', {})))}"
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
    )
    answers = "".join(
        answer_html(status, answer) for status, answer in operation["responses"].items() if "$ref" not in answer
    )
    refusals = " ".join(
        f'<a href="#refusals"><code>{escape(status)}</code></a>'
        for status, answer in operation["responses"].items()
        if "$ref" in answer
    )
    return (
        f'<details><summary><code class="{method}">{method.upper()}</code> <code>{escape(path)}</code> '
        f"<span>{escape(operation.get('summary', ''))}</span> <small>{who}</small></summary>"
        f"<p>{prose(operation.get('description', ''))}</p>"
        f"{f'<table>{rows}</table>' if rows else ''}{body}<h3>Answers</h3><ul>{answers}</ul>"
        f"<p>Refusals: {refusals}</p></details>"
    )


def parameter_html(parameter: dict[str, Any]) -> str:
    """What a parameter is, and what it may be."""
    schema = {
        name: value for name, value in parameter.get("schema", {}).items() if name not in ("title", "description")
    }
    told = parameter.get("description") or parameter.get("schema", {}).get("description", "")
    return f"{f'<p>{prose(told)}</p>' if told else ''}<code>{escape(json.dumps(schema, ensure_ascii=False))}</code>"


def answer_html(status: str, answer: dict[str, Any]) -> str:
    """One answer, with its types and an example of each."""
    content = answer.get("content", {}).get("application/json", {})
    names = types_of(content.get("schema", {}))
    several = [example["value"] for example in content.get("examples", {}).values()]
    examples = [content["example"]] if "example" in content else several
    links = ", ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
    shown = "".join(pretty(example) for example in examples)
    return f"<li><code>{escape(status)}</code> {prose(answer.get('description', ''))} {links}{shown}</li>"


def prose(text: str) -> str:
    """Text for reading, with what stands between backticks as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def anchor(tag: str) -> str:
    """A group's name as addresses have it."""
    return escape(tag.replace(" ", "-"))


def pretty(value: Any) -> str:
    """JSON for reading."""
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
