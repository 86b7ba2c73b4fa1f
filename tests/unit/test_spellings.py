"""The search for personal data finds every spelling of a value."""

import base64
import gzip
import hashlib
import json
import zlib
from urllib.parse import quote_plus

import pytest

from tests.cases import cases
from tests.personal_data import spellings, unpacked

VALUE = "03001234567"
WRITTEN = {
    "bare": VALUE.encode(),
    "Urdu digits": "فون ۰۳۰۰۱۲۳۴۵۶۷".encode(),
    "gzip": b"before" + gzip.compress(VALUE.encode()) + b"after",
    "zlib": zlib.compress(b"x" + VALUE.encode()),
    "UTF-16": VALUE.encode("utf-16"),
    "hash": hashlib.sha256(VALUE.encode()).hexdigest().encode(),
    "hash in JSON": json.dumps({"of": hashlib.new("md5", VALUE.encode()).hexdigest()}).encode(),
} | {
    f"base64 between {n} and {m}": base64.b64encode(b"q" * n + VALUE.encode() + b"z" * m)
    for n in range(4)
    for m in range(4)
}


@cases("how", WRITTEN)
def test_every_way_of_writing_is_found(how: str) -> None:
    looked_for = spellings(VALUE).values()
    assert any(one in text.lower() for text in unpacked(WRITTEN[how]) for one in looked_for)


@pytest.mark.parametrize("value", ["Zmbrkwlpqt", "35000-1234567-1", "گل‌بی‌بی", "a b@example.org"])
def test_words_are_found_in_addresses_and_in_escapes(value: str) -> None:
    looked_for = spellings(value).values()
    for text in (json.dumps(value), f"/track?q={quote_plus(value)}", value.upper()):
        assert any(one in text.encode().lower() for one in looked_for), text


def test_something_else_is_not_found() -> None:
    assert not any(one in b"2026-03-02t09:00:00 0300 7654321" for one in spellings(VALUE).values())
