"""Answers and errors as the standard writes them, in JSON and XML."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from starlette.responses import Response

from shared.errors import MAX_ERRORS, Problem, say

JSON, XML = "json", "xml"
MEDIA = {JSON: "application/json; charset=utf-8", XML: "text/xml; charset=utf-8"}
Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Elements:
    """The names of the XML elements of an answer: the root, and each item of a list."""

    root: str
    item: str = ""


SERVICES = Elements("services", "service")
DEFINITION = Elements("service_definition")
REQUESTS = Elements("service_requests", "request")
UPDATES = Elements("service_request_updates", "request_update")
DISCOVERY = Elements("discovery")
ERRORS = Elements("errors", "error")
ITEMS = {
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "notes": "note",
}
"""The element of each item in a list within an answer."""
NAMES = {
    "/service": "service_code",
    "/place": "lat",
    "/place/latitude": "lat",
    "/place/longitude": "long",
    "/place/address": "address_string",
    "/place/district": "attribute[district]",
    "/request": "service_request_id",
    "/update": "update_id",
    "/words": "description",
}
"""The standard's names of fields, by pointer."""
SAME_STATUS = (403, 404, 405, 429, 500, 503, 504)
"""Statuses that the standard has, or has nothing in place of; any other refusal is 400."""


def answer(
    content: Any, shape: Elements, form: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer in JSON or XML."""
    text = as_json(content) if form == JSON else as_xml(content, shape)
    return Response(text, status, {"Vary": "Accept-Language", **(headers or {})}, media_type=MEDIA[form])


def error_answer(problem: Problem, form: str, language: str) -> Response:
    """A refusal as a list of codes and descriptions."""
    status = 403 if problem.status == 401 else problem.status if problem.status in SAME_STATUS else 400
    errors = [
        {"code": status, "description": f"{name_of(one['pointer'])}: {one['message']}"}
        for one in problem.errors[:MAX_ERRORS]
    ]
    words = [say(problem.problem_code, part, language, problem.params) for part in ("title", "detail")]
    errors = errors or [{"code": status, "description": ". ".join(text.rstrip(".") for text in words if text)}]
    kept = {name: text for name, text in problem.headers.items() if name in ("Allow", "Retry-After")}
    return answer(errors, ERRORS, form, status, {"Cache-Control": "no-store", **kept})


def name_of(pointer: str) -> str:
    """The standard's name of a field that the service refuses."""
    parent, _, name = pointer[1:].rpartition("/")
    return f"attribute[{name}]" if parent == "answers" and name != "description" else NAMES.get(pointer, name)


def as_json(content: Any) -> bytes:
    """The content as JSON."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def as_xml(content: Item | Sequence[Item], shape: Elements) -> bytes:
    """The content as XML: a list as elements of one name, an object as one element for each member."""
    inner = "".join(_element(shape.item, one) for one in content) if shape.item else _members(content)  # type: ignore[arg-type]
    return f'<?xml version="1.0" encoding="utf-8"?>\n<{shape.root}>{inner}</{shape.root}>\n'.encode()


def _members(content: Item) -> str:
    return "".join(_element(name, value) for name, value in content.items())


def _element(name: str, value: Any) -> str:
    if value is None:
        return f"<{name}/>"
    if isinstance(value, Mapping):
        return f"<{name}>{_members(value)}</{name}>"
    if isinstance(value, list | tuple):
        return f"<{name}>{''.join(_element(ITEMS[name], one) for one in value)}</{name}>"
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return f"<{name}>{escape(text)}</{name}>"
