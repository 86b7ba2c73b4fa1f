"""The normal spelling of answers, before the form checks them.

Answers whose schema asks for digits are read as codes, so that Urdu digits are accepted; all others are texts and keep
their script. What cannot be read stays unchanged, and the form reports the error.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from shared.errors import pointer_of
from shared.spelling import code_of, has_letter_or_digit, number_of, text_of

DIGITS = re.compile(r"0-9|\\d")
"""Found in every pattern that asks for digits."""
Schema = dict[str, Any]


def spelled(value: Any, schemas: Sequence[Schema]) -> Any:
    """An answer, at any depth, in the spelling that its schemas in form and rules ask for."""
    if isinstance(value, str):
        return _spelled_text(value, schemas)
    if isinstance(value, dict):
        return {name: spelled(part, _below(schemas, "properties", name)) for name, part in value.items()}
    if isinstance(value, list):
        return [spelled(part, _below(schemas, "items")) for part in value]
    return value


def empty_texts(value: Any, schema: Schema, path: tuple[str | int, ...] = ()) -> Iterator[str]:
    """The pointers to texts without letters and digits, except choices."""
    if isinstance(value, str) and not _is_choice(schema) and not has_letter_or_digit(value):
        yield pointer_of(path)
    elif isinstance(value, dict):
        for name, part in value.items():
            for below in _below([schema], "properties", name) or [{}]:
                yield from empty_texts(part, below, (*path, name))
    elif isinstance(value, list):
        for index, part in enumerate(value):
            for below in _below([schema], "items") or [{}]:
                yield from empty_texts(part, below, (*path, index))


def about_answers(requires: Schema) -> Schema:
    """The part of a rule's schema about the answers."""
    return next(iter(_below([requires], "properties", "answers")), {})


def _spelled_text(value: str, schemas: Sequence[Schema]) -> Any:
    if any(_is_choice(schema) for schema in schemas):
        return value
    if any(schema.get("type") in ("integer", "number") for schema in schemas):
        return _spelled_number(value)
    return code_of(value) if any(_is_code(schema) for schema in schemas) else text_of(value)


def _spelled_number(value: str) -> int | float | str:
    """The number, if typed in another script; an ASCII "3" in place of 3 is a client's error and stays refused."""
    number = None if value.isascii() else number_of(value)
    return value if number is None else number


def _is_choice(schema: Schema) -> bool:
    return "enum" in schema or "const" in schema


def _is_code(schema: Schema) -> bool:
    return "format" in schema or DIGITS.search(str(schema.get("pattern", ""))) is not None


def _below(schemas: Sequence[Schema], *path: str) -> list[Schema]:
    """The schemas of a member or an item, from each of these schemas that has one."""
    found: list[Any] = list(schemas)
    for name in path:
        found = [schema[name] for schema in found if isinstance(schema, dict) and name in schema]
    return [schema for schema in found if isinstance(schema, dict)]
