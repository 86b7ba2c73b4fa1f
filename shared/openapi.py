"""Helpers for the description of the API: meanings of error statuses, examples, roles and types of bodies."""

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
    400: "Malformed: the address, a header, a cursor or the body",
    401: "Not signed in, or the session has ended",
    403: "Not permitted for this account",
    404: "Does not exist, or is not visible to this account",
    408: "The upload was too slow",
    409: "Not possible in the present state",
    412: "Changed by somebody else since it was read; see If-Match",
    413: "Too large",
    415: "The media type is not supported",
    422: "Invalid values; `errors` names the fields",
    428: "`If-Match` is needed",
    429: "Too many attempts, or too early; see Retry-After",
    503: "Temporarily unavailable; see Retry-After",
    504: "Timed out; it may have been carried out nevertheless",
}
"""What each error status means."""


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
"""The only media type of binary content that all generators of clients support."""
ETAG, LOCATION, REPLAYED, DISPOSITION = "ETag", "Location", "Idempotent-Replayed", "Content-Disposition"
TEXT = {"type": "string"}
HEADERS = {
    ETAG: {"description": "The revision, to be sent back as `If-Match` with its quotes", "schema": TEXT},
    LOCATION: {"description": "The path of the new object", "schema": TEXT},
    REPLAYED: {"description": "`true` where this answers a repeated key again", "schema": TEXT},
    DISPOSITION: {"description": "The file name", "schema": TEXT},
}
"""The descriptions of headers of answers, by name."""


def answering(model: Any, status: int = 200, *headers: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description (`responses`) of an answer that FastAPI does not write itself."""
    return {status: {"model": model, **with_headers(*headers)}}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI text of problems that do not follow from the route's declaration (`gateway/openapi_responses.py`)."""
    content = {"application/problem+json": {"schema": PROBLEM}}
    return {status: {"description": MEANING[status], "content": content} for status in statuses}


def with_headers(*names: str) -> dict[str, Any]:
    """The OpenAPI description of the headers of an answer."""
    return {"headers": {name: HEADERS[name] for name in names}} if names else {}


def file_of(*kinds: str) -> dict[str, Any]:
    """The OpenAPI description of an answer that is a file of one of these media types."""
    return {"content": {kind: {"schema": {"type": "string", "format": "binary"}} for kind in (OCTETS, *kinds)}}


def titled(title: str, values: type[StrEnum]) -> WithJsonSchema:
    """The schema of an enumeration with an explicit title, as two services may have one of the same name."""
    return WithJsonSchema({"type": "string", "enum": [str(value) for value in values], "title": title})


def show_examples(app: FastAPI, file: Path) -> None:
    """Add to the description the examples in a YAML file, by the names of types.

    Also move the types of bodies to the components, and add the permitted roles to each operation.
    """
    describe = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            description = app.openapi_schema = deepcopy(describe())  # routes hold parts of what it made
            _add_body_types(description)
            _add_roles(app, description)
            _add_examples(description, read_yaml(file))
        return describe()

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way


def types_of(schema: Mapping[str, Any]) -> list[str]:
    """The names of the types that a schema in the description refers to."""
    return [one["$ref"].rpartition("/")[2] for one in (schema, *schema.get("anyOf", ())) if "$ref" in one]


def _add_roles(app: FastAPI, description: dict[str, Any]) -> None:
    """Add the roles that have the required right to each operation (`x-roles`)."""
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


def _add_body_types(description: dict[str, Any]) -> None:
    types = description.setdefault("components", {}).setdefault("schemas", {})
    for operations in description["paths"].values():
        for operation in operations.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                schema = content["schema"]
                if "title" in schema:
                    _add_type(types, schema)
                    content["schema"] = {"$ref": f"{SCHEMAS}{schema['title']}"}


def _add_type(types: dict[str, Any], schema: dict[str, Any]) -> None:
    """Add a type and its parts to `types`. Raises ValueError where another type has the same name."""
    for name, part in {**schema.pop("$defs", {}), schema["title"]: schema}.items():
        if types.setdefault(name, part) != part:
            raise ValueError(f"two types are called {name}")


def _add_examples(description: Mapping[str, Any], examples: Mapping[str, Example]) -> None:
    types = description.get("components", {}).get("schemas", {})
    for operations in description["paths"].values():
        for operation in operations.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            for name in types_of(body.get("schema", {})):
                if name in examples:
                    body.setdefault("example", examples[name])
            for answer in operation["responses"].values():
                if content := answer.get("content", {}).get("application/json"):
                    _add_answer_example(answer, content, types, examples)


def _add_answer_example(
    answer: dict[str, Any], content: dict[str, Any], types: Mapping[str, Any], examples: Mapping[str, Example]
) -> None:
    """Add the example of an answer of one type, with the type's description; else one example for each type."""
    names = types_of(content["schema"])
    found = {name: {"value": examples[name]} for name in names if name in examples}
    if len(names) == 1 and found:
        content["example"] = examples[names[0]]
        answer["description"] = types[names[0]]["description"]
    elif found:
        content["examples"] = found
