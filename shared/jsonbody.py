"""Strict reading of JSON bodies: what a citizen could not have meant is refused before anything looks at it."""

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
# Control characters that are not white space, lone surrogates and non-characters: they stand for nothing, or cannot be
# stored. What else nobody can see is for `shared/spelling.py`.
UNWELCOME = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
MAX_DIGITS = 16
CHARSET = re.compile(r"charset\s*=(?!\s*\"?utf-?8\"?\s*(?:;|$))", re.IGNORECASE)
"""A charset that is not UTF-8."""


class Body(BaseModel):
    """What somebody sends: unknown fields are mistakes, nothing is taken for what it is not, errors hold no value."""

    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)


class TooLargeError(Problem):
    """More bytes than anybody needs."""

    status, code = 413, "too-large"


class UnsupportedMediaTypeError(Problem):
    """Not JSON, or compressed."""

    status, code = 415, "unsupported-media-type"


async def read_body(request: Request) -> bytes:
    """The body, bounded by count and not by its header. Raises TooLargeError, UnsupportedMediaTypeError."""
    content_type, _, parameters = request.headers.get("content-type", "").partition(";")
    plain = "content-encoding" not in request.headers and not CHARSET.search(parameters)
    if content_type.strip().lower() != "application/json" or not plain:
        raise UnsupportedMediaTypeError
    return await read_bytes(request)


async def read_bytes(request: Request) -> bytes:
    """The body of any kind, bounded by count and not by its header. Raises TooLargeError."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise TooLargeError
        chunks.append(chunk)
    return b"".join(chunks)


def described(model: type[BaseModel], example: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The OpenAPI text (`openapi_extra`) of a body that the use case reads from its bytes."""
    schema = model.model_json_schema(ref_template=f"{SCHEMAS}{{model}}")
    content = {"schema": schema, **({"example": example} if example else {})}
    return {"requestBody": {"required": True, "content": {"application/json": content}}}


def parse_object(body: bytes, language: str = "en") -> dict[str, Any]:
    """A JSON object from UTF-8 text without duplicate keys, NaN, huge numbers or deep nesting.

    Raises BadRequestError, and InvalidError for text that holds what nobody can have meant.
    """
    if _depth(body) > MAX_DEPTH:
        raise BadRequestError("json-invalid")
    try:
        text = body.decode("utf-8")
        value = json.loads(
            text, object_pairs_hook=members, parse_constant=_refuse, parse_int=_integer, parse_float=_float
        )
    except (ValueError, RecursionError):
        raise BadRequestError("json-invalid") from None
    if not isinstance(value, dict):
        raise BadRequestError("json-invalid")
    if UNWELCOME.search(text) or "\\" in text:
        wrong = [field_error(pointer, "text", language) for pointer in islice(_unwelcome(value, ""), MAX_ERRORS)]
        if wrong:
            raise InvalidError(errors=wrong)
    return value


def _unwelcome(value: Any, pointer: str) -> Iterator[str]:
    """The places of strings with unwelcome characters; for a member's name, the place of its object."""
    if isinstance(value, str):
        if UNWELCOME.search(value):
            yield pointer
    elif isinstance(value, list):
        for place, item in enumerate(value):
            yield from _unwelcome(item, f"{pointer}/{place}")
    elif isinstance(value, dict):
        if any(UNWELCOME.search(name) for name in value):
            yield pointer
            return
        for name, item in value.items():
            yield from _unwelcome(item, pointer + pointer_of([name]))


def _depth(body: bytes) -> int:
    """The deepest nesting, or an overestimate when brackets stand in strings; counted only when it can matter."""
    if body.count(b"[") + body.count(b"{") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    in_string = escaped = False
    for byte in body:
        if in_string:
            if escaped:
                escaped = False
            elif byte == 0x5C:
                escaped = True
            elif byte == 0x22:
                in_string = False
        elif byte == 0x22:
            in_string = True
        elif byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The members of a JSON object. Raises ValueError for a name twice, or one that a store would obey."""
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
