"""Malicious bodies are refused with a problem before they are used; ordinary texts pass."""

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request

from shared.errors import BadRequestError, InvalidError, Problem, field_error
from shared.jsonbody import (
    FORBIDDEN_CHARACTERS,
    MAX_BYTES,
    TooLargeError,
    UnsupportedMediaTypeError,
    parse_object,
    read_body,
)
from tests.cases import cases

Message = MutableMapping[str, Any]
HOSTILE = {
    "empty": b"",
    "spaces": b"   ",
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "string": b'"text"',
    "array": b"[]",
    "array of objects": b"[{}]",
    "two objects": b"{}{}",
    "rubbish after": b"{} x",
    "trailing comma": b'{"a": 1,}',
    "single quotes": b"{'a': 1}",
    "comment": b'{"a": 1} // x',
    "depth 21": b'{"a":' * 21 + b"1" + b"}" * 21,
    "depth 900": b'{"a":' * 900 + b"1" + b"}" * 900,
    "depth 9,000 arrays": b'{"a":' + b"[" * 9000 + b"]" * 9000 + b"}",
    "unbalanced": b"[" * 50_000,
    "NaN": b'{"a": NaN}',
    "Infinity": b'{"a": Infinity}',
    "-Infinity": b'{"a": -Infinity}',
    "1e400": b'{"a": 1e400}',
    "-1e400": b'{"a": -1e400}',
    "4,301 digits": b'{"a": ' + b"9" * 4301 + b"}",
    "2^63": b'{"a": 9223372036854775808}',
    "deep NaN": b'{"a": {"b": [NaN]}}',
    "duplicate": b'{"role": "citizen", "role": "admin"}',
    "duplicate within": b'{"a": {"b": 1, "b": 2}}',
    "duplicate escaped": b'{"a": 1, "\\u0061": 2}',
    "raw surrogate": b'{"a": "\xed\xa0\x80"}',
    "NUL in a key": b'{"a\\u0000": 1}',
    "raw NUL": b'{"a": "\x00"}',
    "raw newline": b'{"a": "\n"}',
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "UTF-16LE": '{"a": 1}'.encode("utf-16-le"),
    "UTF-32": '{"a": 1}'.encode("utf-32"),
    "BOM": b'\xef\xbb\xbf{"a": 1}',
    "invalid UTF-8": b'{"a": "\xff"}',
    "overlong": b'{"a": "\xc0\xaf"}',
    "cut character": b'{"a": "\xd8"}',
    "$gt": b'{"a": {"$gt": ""}}',
    "$ne": b'{"a": {"$ne": null}}',
    "$where": b'{"a": [{"$where": "sleep(5000)"}]}',
    "$set": b'{"$set": {"role": "admin"}}',
    "escaped dollar": b'{"a": {"\\u0024gt": ""}}',
    "dotted key": b'{"a.b": 1}',
}
FINE = {
    "empty object": (b"{}", {}),
    "depth 20": (b'{"a":' * 20 + b"1" + b"}" * 20, None),
    "brackets in a string": (json.dumps({"a": "[" * 100}).encode(), {"a": "[" * 100}),
    "quoted brackets": (b'{"a": "\\"' + b"[" * 30 + b'"}', {"a": '"' + "[" * 30}),
    "spaces around": (b' \n{"a": 1}\t', {"a": 1}),
    "-0": (b'{"a": -0}', {"a": 0}),
    "2^53+1": (b'{"a": 9007199254740993}', {"a": 9007199254740993}),
    "float": (b'{"a": 34.0151}', {"a": 34.0151}),
    "pair": (b'{"a": "\\ud83d\\ude00"}', {"a": "😀"}),
    "joiners": ('{"a": "می\u200cخواہم"}'.encode(), {"a": "می\u200cخواہم"}),
    "Zalgo": (json.dumps({"a": "a" + "\u0301" * 1000}).encode(), {"a": "a" + "\u0301" * 1000}),
    "dollar in a value": (b'{"a": "$gt"}', {"a": "$gt"}),
    "case differs": (b'{"role": 1, "Role": 2}', {"role": 1, "Role": 2}),
    "__proto__": (b'{"__proto__": 1}', {"__proto__": 1}),
}


@cases("body", HOSTILE.values())
def test_hostile_bodies_are_bad_requests(body: bytes) -> None:
    with pytest.raises(BadRequestError) as caught:
        parse_object(body)
    assert caught.value.problem_code == "json-invalid"
    assert caught.value.__cause__ is None


@pytest.mark.parametrize(("body", "value"), FINE.values(), ids=FINE.keys())
def test_tracking_number_is_read_in_common_spellings(body: bytes, value: dict[str, Any] | None) -> None:
    assert parse_object(body) == (json.loads(body) if value is None else value)


WRONG = {
    "text": ('{"a": %s}', "/a"),
    "in a list": ('{"a": [1, {"b": %s}]}', "/a/1/b"),
    "pointer escaped": ('{"a/b~c": %s}', "/a~1b~0c"),
    "name of a member": ('{"a": {%s: 1}}', "/a"),
}


@cases("character", ["\b", "\x1b", "\x7f", "\x9b", "\ufffe", "\ud800", "\udc00\ud800"])
@cases("shape, pointer", WRONG.values())
@cases("language", ["en", "ur"])
def test_forbidden_characters_are_refused_with_their_pointers(
    character: str, shape: str, pointer: str, language: str
) -> None:
    with pytest.raises(InvalidError) as caught:
        parse_object((shape % json.dumps(f"x{character}y")).encode(), language)
    assert caught.value.errors == [field_error(pointer, "text", language)]


def test_all_pointers_with_forbidden_characters_are_listed() -> None:
    with pytest.raises(InvalidError) as caught:
        parse_object(b'{"name": "a\\u0000", "place": {"address": "\x7f"}, "note": "fine"}')
    assert [error["pointer"] for error in caught.value.errors] == ["/name", "/place/address"]


@pytest.mark.parametrize("mark", ["\u200c", "\u200d", "\u200f", "\u202e", "\u2066", "\ufeff", "\v", "\u0085", "\n"])
def test_other_invisible_characters_are_left_to_the_field(mark: str) -> None:
    assert parse_object(json.dumps({"a": f"x{mark}y"}).encode()) == {"a": f"x{mark}y"}


@given(st.binary(max_size=300))
def test_any_bytes_are_an_object_or_a_problem(body: bytes) -> None:
    try:
        value = parse_object(body)
    except (BadRequestError, InvalidError):
        return
    assert isinstance(value, dict)


PLAIN = st.characters(exclude_categories=("Cs", "Cc")).filter(
    lambda character: not FORBIDDEN_CHARACTERS.search(character)
)
KEY = st.text(PLAIN, min_size=1, max_size=8).filter(lambda key: not (key.startswith("$") or "." in key or "\0" in key))
FLOAT = st.floats(allow_nan=False, allow_infinity=False)
LEAF = st.none() | st.booleans() | st.integers(1 - 10**15, 10**16 - 1) | st.text(PLAIN, max_size=20) | FLOAT


@given(st.dictionaries(KEY, st.recursive(LEAF, lambda inner: st.lists(inner, max_size=3), max_leaves=10), max_size=5))
def test_ordinary_objects_round_trip(value: dict[str, Any]) -> None:
    assert parse_object(json.dumps(value, ensure_ascii=False).encode()) == value
    assert parse_object(json.dumps(value).encode()) == value


MEDIA: list[dict[str, str]] = [
    {},
    {"content-type": ""},
    {"content-type": "text/plain"},
    {"content-type": "application/x-www-form-urlencoded"},
    {"content-type": "multipart/form-data; boundary=x"},
    {"content-type": "application/jsonp"},
    {"content-type": "application/json; charset=utf-7"},
    {"content-type": 'application/json; a=b; charset = "utf-16"'},
    {"content-type": "application/json;charset=utf-8x"},
    {"content-type": "application/json", "content-encoding": "gzip"},
    {"content-type": "application/json", "content-encoding": "identity"},
]


@pytest.mark.parametrize("headers", MEDIA, ids=str)
async def test_only_plain_json_is_taken(headers: dict[str, str]) -> None:
    with pytest.raises(UnsupportedMediaTypeError):
        await read_body(a_request_with(b"{}", headers))


async def test_body_size_is_counted() -> None:
    whole = b" " * MAX_BYTES
    lying = {"content-type": "application/json", "content-length": "2"}
    assert await read_body(a_request_with(whole, lying)) == whole
    with pytest.raises(TooLargeError):
        await read_body(a_request_with(whole + b" ", lying))


async def test_a_large_body_is_not_read_to_its_end() -> None:
    read = 0

    async def endless() -> Message:
        nonlocal read
        read += 1
        return {"type": "http.request", "body": b" " * 8192, "more_body": True}

    with pytest.raises(TooLargeError):
        await read_body(a_request_with(b"", receive=endless))
    assert read == MAX_BYTES // 8192 + 1


@pytest.mark.parametrize("error", [TooLargeError, UnsupportedMediaTypeError, BadRequestError])
def test_each_refusal_has_its_status(error: type[Problem]) -> None:
    assert error.status == {"too-large": 413, "unsupported-media-type": 415, "bad-request": 400}[error.code]


def a_request_with(
    body: bytes, headers: dict[str, str] | None = None, receive: Callable[[], Awaitable[Message]] | None = None
) -> Request:
    """An HTTP request that carries `body`; JSON unless the headers say something else."""
    given = {"content-type": "application/json"} if headers is None else headers

    async def once() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    raw = [(name.encode(), value.encode()) for name, value in given.items()]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": raw}, receive or once)
