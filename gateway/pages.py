"""What the gateway itself serves: the description of the API, documents for programmers, and `security.txt`.

The pages are in `gateway.web`.
"""

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


@cache
def page(name: str) -> Template:
    """A page with its `$placeholders`."""
    return Template((STATIC / f"{name}.html").read_text(encoding="utf-8"))


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
    text = await description.rendered(render)
    return cacheable(request, text.plain, text.zipped, {"Content-Type": media_type})


def as_json(merged: dict[str, Any]) -> bytes:
    """The description as JSON."""
    return json.dumps(merged, ensure_ascii=False, separators=(",", ":")).encode()


def as_page(merged: dict[str, Any]) -> bytes:
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
        f'<details id="{escape(name)}"><summary>{escape(name)}</summary>{json_html(schema)}</details>'
        for name, schema in sorted(merged["components"]["schemas"].items())
    )
    problems = "".join(
        f"<li><code>{status}</code> {text_html(answer['description'])}</li>"
        for status, answer in merged["components"]["responses"].items()
    )
    filled = page("docs").substitute(operations=body, links=links, schemas=schemas, refusals=problems)
    return filled.encode()


def operation_html(method: str, path: str, operation: dict[str, Any]) -> str:
    """One operation as a `details` element."""
    roles = ", ".join(operation.get("x-roles", ["signed in"]))
    access = roles if operation["security"] else "public"
    rows = "".join(
        f"<tr><td><code>{escape(p['name'])}</code></td><td>{escape(p['in'])}{'' if p.get('required') else ', optional'}"
        f"</td><td>{parameter_html(p)}</td></tr>"
        for p in operation.get("parameters", [])
    )
    body = "".join(
        f"<h3>Body <code>{escape(kind)}</code></h3>{json_html(content.get('example', content.get('schema', {})))}"
        for kind, content in operation.get("requestBody", {}).get("content", {}).items()
    )
    responses = "".join(
        response_html(status, response) for status, response in operation["responses"].items() if "$ref" not in response
    )
    problems = " ".join(
        f'<a href="#refusals"><code>{escape(status)}</code></a>'
        for status, response in operation["responses"].items()
        if "$ref" in response
    )
    return (
        f'<details><summary><code class="{method}">{method.upper()}</code> <code>{escape(path)}</code> '
        f"<span>{escape(operation.get('summary', ''))}</span> <small>{access}</small></summary>"
        f"<p>{text_html(operation.get('description', ''))}</p>"
        f"{f'<table>{rows}</table>' if rows else ''}{body}<h3>Responses</h3><ul>{responses}</ul>"
        f"<p>Errors: {problems}</p></details>"
    )


def parameter_html(parameter: dict[str, Any]) -> str:
    """The description and the schema of a parameter."""
    schema = {
        name: value for name, value in parameter.get("schema", {}).items() if name not in ("title", "description")
    }
    text = parameter.get("description") or parameter.get("schema", {}).get("description", "")
    return f"{f'<p>{text_html(text)}</p>' if text else ''}<code>{escape(json.dumps(schema, ensure_ascii=False))}</code>"


def response_html(status: str, response: dict[str, Any]) -> str:
    """One response, with its types and an example of each."""
    content = response.get("content", {}).get("application/json", {})
    names = types_of(content.get("schema", {}))
    named = [example["value"] for example in content.get("examples", {}).values()]
    examples = [content["example"]] if "example" in content else named
    links = ", ".join(f'<a href="#{escape(name)}">{escape(name)}</a>' for name in names)
    blocks = "".join(json_html(example) for example in examples)
    return f"<li><code>{escape(status)}</code> {text_html(response.get('description', ''))} {links}{blocks}</li>"


def text_html(text: str) -> str:
    """A text; words between backticks become code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(text))


def anchor(tag: str) -> str:
    """The name of a group as the id of its section."""
    return escape(tag.replace(" ", "-"))


def json_html(value: Any) -> str:
    """A value as indented JSON."""
    return f"<pre>{escape(json.dumps(value, indent=2, ensure_ascii=False))}</pre>"
