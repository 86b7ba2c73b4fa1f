"""What answers hold, for the description of the API: what each refusal means, and an example of each answer."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml
from fastapi import FastAPI

MEANING = {
    400: "It cannot be read: the address, a header, a cursor or the body",
    401: "Not signed in, or no longer",
    403: "Not yours to do",
    404: "Not there, or not yours to see",
    408: "The file came too slowly",
    409: "It does not fit the state it is in",
    412: "Somebody changed it since; see If-Match",
    413: "Too large",
    415: "Not of a kind that is read here",
    422: "Values that do not do; `errors` names the fields",
    428: "`If-Match` is needed",
    429: "Too many tries, or too early; see Retry-After",
    503: "Away for a moment; see Retry-After",
    504: "It took too long, and may have been done",
}
"""By status."""


PROBLEM = {
    "type": "object",
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


def answering(model: Any, status: int = 200) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI text (`responses`) of an answer that FastAPI does not write itself."""
    return {status: {"model": model}}


def show_examples(app: FastAPI, file: Path) -> None:
    """Have the description show, at each answer, the example that the file (YAML) has under the name of its type."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            _put_in(describe(), yaml.safe_load(file.read_text(encoding="utf-8")))
        return describe()

    app.openapi = described  # type: ignore[method-assign]  # FastAPI's documented way


def types_of(schema: Mapping[str, Any]) -> list[str]:
    """The names of the types that an answer may be of, by its schema in a description."""
    return [one["$ref"].rpartition("/")[2] for one in (schema, *schema.get("anyOf", ())) if "$ref" in one]


def _put_in(description: Mapping[str, Any], examples: Mapping[str, Example]) -> None:
    types = description.get("components", {}).get("schemas", {})
    for operations in description["paths"].values():
        for operation in operations.values():
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
