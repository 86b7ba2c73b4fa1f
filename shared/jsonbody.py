"""Strict parsing of JSON bodies, before any validation."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from pydantic import BaseModel, ConfigDict
from starlette.requests import Request

from shared.errors import MAX_ERRORS, BadRequestError, InvalidError, Problem, field_error, pointer_of
from shared.openapi import SCHEMAS

MAX_BYTES = 64 * 1024
MAX_DEPTH = 20
# Control characters other than white space, lone surrogates and non-characters: they are meaningless or cannot be
# stored. `shared/spelling.py` removes other invisible characters.
FORBIDDEN_CHARACTERS = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
MAX_DIGITS = 16
CHARSET = re.compile(r"charset\s*=(?!\s*\"?utf-?8\"?\s*(?:;|$))", re.IGNORECASE)
"""A charset that is not UTF-8."""


class Body(BaseModel):
    """A request body: no unknown fields, no type coercion, and errors without values."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class TooLargeError(Problem, code="too-large", status=413):
    """The body has more than MAX_BYTES."""


class UnsupportedMediaTypeError(Problem, code="unsupported-media-type", status=415):
    """Not JSON, or compressed."""


async def read_body(request: Request) -> bytes:
    """A JSON body of at most MAX_BYTES. Raises TooLargeError, UnsupportedMediaTypeError."""
    content_type, _, parameters = request.headers.get("content-type", "").partition(";")
    supported = "content-encoding" not in request.headers and not CHARSET.search(parameters)
    if content_type.strip().lower() != "application/json" or not supported:
        raise UnsupportedMediaTypeError
    return await read_bytes(request)


async def read_bytes(request: Request) -> bytes:
    """A body of any media type of at most MAX_BYTES. Raises TooLargeError."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise TooLargeError
        chunks.append(chunk)
    return b"".join(chunks)


def described(model: type[BaseModel], example: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The OpenAPI description (`openapi_extra`) of a body that the use case parses itself."""
    schema = model.model_json_schema(ref_template=f"{SCHEMAS}{{model}}")
    content = {"schema": schema, **({"example": example} if example else {})}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def parse_object(body: bytes, language: str = "en") -> dict[str, Any]:
    """A JSON object from UTF-8 text without duplicate keys, NaN, huge numbers or deep nesting.

    Raises BadRequestError, and InvalidError for text with forbidden characters.
    """
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=members, parse_constant=_refuse, parse_int=_integer, parse_float=_float
        )
    except (ValueError, RecursionError):
        raise BadRequestError("json-invalid") from None
    can_be_deep = body.count(b"[") + body.count(b"{") > MAX_DEPTH
    if not isinstance(value, dict) or (can_be_deep and not _is_flat(value, MAX_DEPTH)):
        raise BadRequestError("json-invalid")
    if FORBIDDEN_CHARACTERS.search(text) or "\\" in text:
        wrong = [field_error(pointer, "text", language) for pointer in islice(_forbidden(value, ""), MAX_ERRORS)]
        if wrong:
            raise InvalidError(errors=wrong)
    return value


def _forbidden(value: Any, pointer: str) -> Iterator[str]:
    """The pointers of strings with forbidden characters; for a member's name, that of its object."""
    if isinstance(value, str):
        if FORBIDDEN_CHARACTERS.search(value):
            yield pointer
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _forbidden(item, f"{pointer}/{index}")
    elif isinstance(value, dict):
        if any(FORBIDDEN_CHARACTERS.search(name) for name in value):
            yield pointer
            return
        for name, item in value.items():
            yield from _forbidden(item, pointer + pointer_of([name]))


def _is_flat(value: Any, levels: int) -> bool:
    """Whether objects and lists are nested at most so deep."""
    if not isinstance(value, dict | list):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_flat(item, levels - 1) for item in inner)


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of a JSON object. Raises ValueError for a duplicate name, or one that MongoDB would interpret."""
    value = dict(pairs)
    if len(value) != len(pairs) or any("\0" in key or key.startswith("$") or "." in key for key in value):
        raise ValueError("duplicate or hostile key")
    return value


def _refuse(_: str) -> Any:
    raise ValueError("not a number")


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise ValueError("number too long")
    return int(text)


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("number too large")
    return value
