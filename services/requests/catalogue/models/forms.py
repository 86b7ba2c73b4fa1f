"""Checks forms and rules: JSON Schema 2020-12 within limits, with texts in both languages.

Each keyword is checked by itself, so that all errors are reported at once by JSON pointer. References are not allowed.
Patterns are compiled by an engine that takes linear time (`PATTERNS`), so that no form can block a process.
"""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs

from services.requests.catalogue.models.dates import BOUNDS, TODAY, is_bound
from services.requests.catalogue.models.routing_words import KEYWORD, routing_word_mistakes
from shared.errors import Mistake

DRAFT = "https://json-schema.org/draft/2020-12/schema"
PATTERNS = jsonschema_rs.RegexOptions(size_limit=1_000_000)
MAX_DEPTH = 12
MAX_SCHEMAS = 500
MAX_PATTERN = 300
MAX_WORDS = 1000
WIDEST = 1_000_000
"""Maximum range of a number that routing may read: too small to identify a person."""

ONE_SCHEMA = frozenset(
    {
        "items", "contains", "not", "if", "then", "else", "additionalProperties", "propertyNames", "unevaluatedItems",
        "unevaluatedProperties",
    }
)  # fmt: skip
LIST_OF_SCHEMAS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
MAP_OF_SCHEMAS = frozenset({"properties", "patternProperties", "dependentSchemas"})
PLAIN = frozenset(
    {
        "type", "enum", "const", "multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum",
        "maxLength", "minLength", "pattern", "maxItems", "minItems", "uniqueItems", "maxContains", "minContains",
        "maxProperties", "minProperties", "required", "dependentRequired", "title", "description", "default",
        "examples", "format", "readOnly", "writeOnly", "deprecated",
    }
)  # fmt: skip
FORMATS = frozenset(
    {
        "date", "time", "date-time", "duration", "email", "uri", "uuid", "ipv4", "ipv6", "hostname",
        "regex", "json-pointer",
    }
)  # fmt: skip


def compile_schema(schema: dict[str, Any]) -> jsonschema_rs.Validator:
    """The validator of a valid schema."""
    return jsonschema_rs.validator_for(
        {**schema, "$schema": DRAFT}, validate_formats=True, pattern_options=PATTERNS, offline=True
    )


def form_mistakes(form: dict[str, Any], pointer: str = "/form") -> list[Mistake]:
    """Errors in the form of a service."""
    found = schema_mistakes(form, pointer)
    if form.get("type") != "object" or form.get("additionalProperties") is not False:
        found.append(Mistake(pointer, "form_open"))
    properties = form.get("properties", {})
    if not isinstance(properties, dict):
        return found
    for name in _texts(form.get("required")):
        if name not in properties:
            found.append(Mistake(f"{pointer}/required", "form_required"))
    for name, question in properties.items():
        place = f"{pointer}/properties/{escaped(name)}"
        if not isinstance(question, dict):
            found.append(Mistake(place, "schema"))
        elif question.get("x-routing") and not is_closed(question):
            found.append(Mistake(f"{place}/x-routing", "form_routing"))
        elif "pattern" in question and "pattern" not in _keys(question.get("x-messages")):
            found.append(Mistake(f"{place}/x-messages", "form_pattern_words"))
        elif question.get("x-not-after", TODAY) != TODAY and "x-not-after" not in _keys(question.get("x-messages")):
            found.append(Mistake(f"{place}/x-messages", "form_date_words"))
    return found


def schema_mistakes(schema: Any, pointer: str) -> list[Mistake]:
    """Errors in a JSON Schema: keyword by keyword, then in the whole schema."""
    schemas = list(_schemas(schema, pointer, 0))
    if len(schemas) > MAX_SCHEMAS or any(depth > MAX_DEPTH for _, _, depth in schemas):
        return [Mistake(pointer, "schema_size")]
    found = [mistake for at, place, _ in schemas for mistake in _keyword_mistakes(at, place)]
    if not found and isinstance(schema, dict):
        try:
            compile_schema(schema)
        except (jsonschema_rs.ValidationError, ValueError):
            found.append(Mistake(pointer, "schema"))
    return found


def is_closed(question: dict[str, Any]) -> bool:
    """Whether the answer cannot be free text, so that it may be part of events."""
    if "enum" in question:
        values = question["enum"]
        return isinstance(values, list) and all(isinstance(value, str | bool | int) for value in values)
    least, most = question.get("minimum"), question.get("maximum")
    bounded = isinstance(least, int) and isinstance(most, int) and most - least <= WIDEST
    return question.get("type") == "boolean" or (question.get("type") == "integer" and bounded)


def escaped(name: str) -> str:
    """A member's name as a part of a JSON pointer."""
    return name.replace("~", "~0").replace("/", "~1")[:60]


def _schemas(schema: Any, pointer: str, depth: int) -> Iterator[tuple[Any, str, int]]:
    """A schema and all its subschemas up to MAX_DEPTH, with their pointers and depths."""
    yield schema, pointer, depth
    if not isinstance(schema, dict) or depth > MAX_DEPTH:
        return
    for keyword, value in schema.items():
        place = f"{pointer}/{escaped(keyword)}"
        if keyword in ONE_SCHEMA:
            yield from _schemas(value, place, depth + 1)
        elif keyword in LIST_OF_SCHEMAS and isinstance(value, list):
            for at, item in enumerate(value):
                yield from _schemas(item, f"{place}/{at}", depth + 1)
        elif keyword in MAP_OF_SCHEMAS and isinstance(value, dict):
            for name, item in value.items():
                yield from _schemas(item, f"{place}/{escaped(name)}", depth + 1)


def _keyword_mistakes(schema: Any, pointer: str) -> Iterator[Mistake]:
    if isinstance(schema, bool):
        return
    if not isinstance(schema, dict):
        yield Mistake(pointer, "schema")
        return
    for keyword, value in schema.items():
        place = f"{pointer}/{escaped(keyword)}"
        if keyword.startswith("$") or keyword == "definitions":
            yield Mistake(place, "schema_reference")
        elif keyword.startswith("x-"):
            yield from _own_mistakes(schema, keyword, value, place)
        elif keyword in PLAIN:
            yield from _plain_mistakes(keyword, value, place)
        elif keyword in LIST_OF_SCHEMAS | MAP_OF_SCHEMAS:
            kind = list if keyword in LIST_OF_SCHEMAS else dict
            if not isinstance(value, kind) or (kind is list and not value):
                yield Mistake(place, "schema")
            elif keyword == "patternProperties":
                for name in value:
                    yield from _plain_mistakes("pattern", name, f"{place}/{escaped(name)}")
        elif keyword not in ONE_SCHEMA:
            yield Mistake(place, "schema_unknown")


def _plain_mistakes(keyword: str, value: Any, place: str) -> Iterator[Mistake]:
    if keyword == "pattern":
        try:
            fits = isinstance(value, str) and len(value) <= MAX_PATTERN
            if fits:
                compile_schema({"pattern": value})
        except (jsonschema_rs.ValidationError, ValueError):
            fits = False
        if not fits:
            yield Mistake(place, "schema_pattern")
    elif keyword == "format" and not (isinstance(value, str) and value in FORMATS):
        yield Mistake(place, "schema_format")
    else:
        try:
            jsonschema_rs.meta.validate({keyword: value, "$schema": DRAFT})
        except (jsonschema_rs.ValidationError, ValueError) as error:
            below = list(getattr(error, "instance_path", []))[1:]
            yield Mistake(place + "".join(f"/{escaped(str(part))}" for part in below), "schema")


def _own_mistakes(schema: dict[str, Any], keyword: str, value: Any, place: str) -> Iterator[Mistake]:
    """Errors in our own keywords, such as missing translations."""
    if keyword in ("x-title", "x-hint"):
        if not _in_both_languages(value):
            yield Mistake(place, "form_words")
    elif keyword in BOUNDS:
        if schema.get("format") != "date" or not is_bound(value):
            yield Mistake(place, "form_date")
    elif keyword == KEYWORD:
        yield from routing_word_mistakes(schema, value, place)
    elif keyword in ("x-messages", "x-options"):
        if not isinstance(value, dict):
            yield Mistake(place, "form_words")
            return
        offered = (
            {str(choice) for choice in schema.get("enum") or ()} if isinstance(schema.get("enum"), list) else set()
        )
        known = offered if keyword == "x-options" else schema.keys() | {"required"}
        for name, words in value.items():
            if name not in known:
                yield Mistake(f"{place}/{escaped(name)}", "form_words_unused")
            elif not _in_both_languages(words):
                yield Mistake(f"{place}/{escaped(name)}", "form_words")
        if keyword == "x-options" and offered - value.keys():
            yield Mistake(place, "form_words")


def _in_both_languages(value: Any) -> bool:
    if not isinstance(value, dict) or value.keys() != {"en", "ur"}:
        return False
    return all(isinstance(text, str) and 0 < len(text) <= MAX_WORDS for text in value.values())


def _texts(value: Any) -> list[str]:
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def _keys(value: Any) -> set[str]:
    return set(value) if isinstance(value, dict) else set()
