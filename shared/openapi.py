"""What answers hold, for the description of the API: what each refusal means, and an example of each answer."""

from collections.abc import Callable, Iterator, Mapping
from copy import deepcopy
from enum import StrEnum
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from pydantic import WithJsonSchema

from shared.rights import RIGHTS, Right, Role
from shared.yaml_file import read_yaml

MEANING = {
    400: "It cannot be read: the address, a header, a cursor or the body",
    401: "Not signed in, or no longer",
    403: "Not yours to do",
    404: "Not there, or not yours to see",
    408: "The file came too slowly",
    409: "It does not fit the state it is in",
    412: "Somebody changed it since; see If-Match",
    413: "Too large",
    415: "The media type is not supported",
    422: "Invalid values; `errors` names the fields",
    428: "`If-Match` is needed",
    429: "Too many tries, or too early; see Retry-After",
    503: "Away for a moment; see Retry-After",
    504: "It took too long, and may have been done",
}
"""By status."""


PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457 problem details",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {name: {"type": "string"} for name in ("pointer", "code", "message")},
            },
        },
    },
    "required": ["type", "title", "status"],
}

Example = dict[str, Any]
SCHEMAS = "#/components/schemas/"
OCTETS = "application/octet-stream"
"""The only media type of binary content that every generator of clients understands."""
ETAG, LOCATION, REPLAYED, DISPOSITION = "ETag", "Location", "Idempotent-Replayed", "Content-Disposition"
TEXT = {"type": "string"}
HEADERS = {
    ETAG: {"description": "The revision, to be sent back as `If-Match` with its quotes", "schema": TEXT},
    LOCATION: {"description": "Where it is to be read", "schema": TEXT},
    REPLAYED: {"description": "`true` where the same key was answered before", "schema": TEXT},
    DISPOSITION: {"description": "The name under which to save it", "schema": TEXT},
}
"""What services say in a header of an answer, by its name."""


def answering(model: Any, status: int = 200, *headers: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI text (`responses`) of an answer that FastAPI does not write itself."""
    return {status: {"model": model, **with_headers(*headers)}}


def with_headers(*names: str) -> dict[str, Any]:
    """The OpenAPI text of the headers of an answer."""
    return {"headers": {name: HEADERS[name] for name in names}} if names else {}


def file_of(*kinds: str) -> dict[str, Any]:
    """The OpenAPI text of a file that is answered with, which is of one of these kinds."""
    return {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (OCTETS, *kinds)}}


def titled(title: str, values: type[StrEnum]) -> WithJsonSchema:
    """Give an enumeration a name of its own in the description: two services may have one of the same name."""
    return WithJsonSchema({"type": "string", "enum": [str(value) for value in values], "title": title})


def show_examples(app: FastAPI, file: Path) -> None:
    """Have the description show, at each answer, the example that the file (YAML) has under the name of its type.

    The types of bodies get their places among the components beside those of answers, and operations name the roles
    that may ask for them.
    """
    describe = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            description = app.openapi_schema = deepcopy(describe())  # routes hold parts of what it made
            _place_bodies(description)
            _say_who(app, description)
            _put_in(description, read_yaml(file))
        return describe()

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way


def types_of(schema: Mapping[str, Any]) -> list[str]:
    """The names of the types that an answer may be of, by its schema in a description."""
    return [one["$ref"].rpartition("/")[2] for one in (schema, *schema.get("anyOf", ())) if "$ref" in one]


def _say_who(app: FastAPI, description: dict[str, Any]) -> None:
    """Name, at each operation that asks for a right, the roles that have it (`x-roles`)."""
    for context in iter_route_contexts(app.routes):
        calls: Iterator[Any] = calls_of(getattr(context, "dependant", None))
        guards = [call for call in calls if hasattr(call, "right")]
        rights: list[Right] = [call.right for call in guards]
        operations = description["paths"].get(context.path, {})
        for method in {method.lower() for method in context.methods or ()} & operations.keys() if rights else ():
            if any(call.by_key for call in guards):
                operations[method]["security"] = [{"token": []}, {"key": []}]
            operations[method]["x-roles"] = sorted(frozenset(Role).intersection(*(RIGHTS[right] for right in rights)))


def calls_of(dependant: Any) -> Iterator[Callable[..., Any]]:
    """The dependencies of a route and of its dependencies, depth first."""
    for below in dependant.dependencies if dependant else ():
        yield below.call
        yield from calls_of(below)


def _place_bodies(description: dict[str, Any]) -> None:
    types = description.setdefault("components", {}).setdefault("schemas", {})
    for operations in description["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                schema = content["schema"]
                if "title" in schema:
                    _place(types, schema)
                    content["schema"] = {"$ref": f"{SCHEMAS}{schema['title']}"}


def _place(types: dict[str, Any], schema: dict[str, Any]) -> None:
    """Add a type and its parts to the types. Raises ValueError where another type has the same name."""
    for name, part in {**schema.pop("$defs", {}), schema["title"]: schema}.items():
        if types.setdefault(name, part) != part:
            raise ValueError(f"two types are called {name}")


def _put_in(description: Mapping[str, Any], examples: Mapping[str, Example]) -> None:
    types = description.get("components", {}).get("schemas", {})
    for operations in description["paths"].values():
        for operation in operations.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for name in types_of(body.get("schema", {})):
                if name in examples:
                    body.setdefault("example", examples[name])
            for answer in operation["responses"].values():
                if content := answer.get("content", {}).get("application/json"):
                    _show(answer, content, types, examples)


def _show(
    answer: dict[str, Any], content: dict[str, Any], types: Mapping[str, Any], examples: Mapping[str, Example]
) -> None:
    """An example and what it is, where the answer is of one type; else an example of each type by its name."""
    names = types_of(content["schema"])
    shown = {name: {"value": examples[name]} for name in names if name in examples}
    if len(names) == 1 and shown:
        content["example"] = examples[names[0]]
        answer["description"] = types[names[0]]["description"]
    elif shown:
        content["examples"] = shown
