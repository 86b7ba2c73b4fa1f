"""Malformed frames from strangers are changed so that the AMQP client can decode them."""

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.bus.untrusted import MAX_HEADERS, UNREADABLE, fit_header
from tests.unit.shared.wire import ANY_PROPERTIES, header_of


def decoded(payload: bytes) -> Basic.Properties:
    """What the client makes of it."""
    header = ContentHeader()
    header.unmarshal(payload)
    return header.properties


@given(ANY_PROPERTIES)
def test_whatever_the_properties_are_the_client_can_decode_what_it_gets(parts: dict[str, bytes]) -> None:
    payload = header_of(parts, 7)
    fit = fit_header(payload)
    properties = decoded(fit)
    assert fit == payload or UNREADABLE in dict(properties.headers or {})


def test_decodable_header_is_unchanged() -> None:
    deaths: Any = [{"count": 1, "reason": "expired", "time": datetime(2026, 1, 1, tzinfo=UTC), "routing-keys": ["a"]}]
    sent = Basic.Properties(message_id="ا", user_id="department.water", headers={"x-death": deaths, "ce-seq": 3})
    payload = ContentHeader(body_size=5, properties=sent).marshal()
    assert fit_header(payload) == payload


def test_sender_is_kept_and_undecodable_properties_are_named() -> None:
    properties = decoded(
        fit_header(header_of({"timestamp": b"\x80" + bytes(7), "user_id": b"\x01u", "message_id": b"\x01m"}, 9))
    )
    assert (properties.user_id, properties.message_id) == ("u", "m")
    assert properties.headers == {UNREADABLE: "timestamp"}


NESTED = b"".join(b"\x01aF" + (7 * left).to_bytes(4) for left in range(5, -1, -1))
LONG = b"\x00V" * (MAX_HEADERS // 2)


@pytest.mark.parametrize(("table", "taken"), [(NESTED, False), (NESTED[14:], True), (LONG, False), (LONG[8:], True)])
def test_headers_that_would_take_long_or_go_deep_are_left_out(table: bytes, taken: bool) -> None:
    payload = header_of({"headers": len(table).to_bytes(4) + table})
    assert (fit_header(payload) == payload) is taken
