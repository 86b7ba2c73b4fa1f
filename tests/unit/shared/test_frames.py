"""Our encoding and decoding of frames gives the same results as the client library's."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.bus import Message
from shared.bus.frames import BODY_FRAME, frames_of, read_head
from shared.bus.untrusted import MAX_HEADERS, UNREADABLE, fit_header
from tests.unit.shared.wire import ANY_PROPERTIES, header_of, parts_of

MESSAGE = Message("rabta.events", "request.answered.v1", b"{}", "a")
PLAIN = st.one_of(st.text(max_size=40), st.integers(-(2**63), 2**63 - 1))
HEADERS = st.dictionaries(st.text(max_size=30), PLAIN, max_size=6)
SHORT = st.text(max_size=60)


@given(HEADERS, SHORT, st.none() | SHORT, st.booleans(), st.binary(max_size=20))
def test_client_library_reads_what_was_written(
    headers: dict[str, Any], message_id: str, correlation_id: str | None, persistent: bool, body: bytes
) -> None:
    message = Message("x", "key", body, message_id, headers, correlation_id, persistent, mandatory=not persistent)
    method, header, *bodies = parts_of(frames_of(message, 1))
    assert (method.exchange, method.routing_key, method.mandatory) == ("x", "key", not persistent)
    properties = header.properties
    assert (dict(properties.headers or {}), properties.message_id or "", properties.content_type) == (
        headers,
        message_id,
        "application/json",
    )
    assert (properties.correlation_id or None, properties.delivery_mode) == (correlation_id or None, 1 + persistent)
    assert b"".join(part.value for part in bodies) == body


def test_headers_of_other_kinds_are_written_by_the_library() -> None:
    message = replace(MESSAGE, headers={"a": "b", "deaths": [{"count": 1}], "truth": True})
    _, header, _ = parts_of(frames_of(message, 1))
    assert dict(header.properties.headers) == message.headers


@pytest.mark.parametrize("size", [0, 1, BODY_FRAME, BODY_FRAME + 1, BODY_FRAME * 3])
def test_bodies_are_cut_into_frames_that_the_broker_takes(size: int) -> None:
    _, header, *bodies = parts_of(frames_of(replace(MESSAGE, body=b"x" * size), 1))
    assert header.body_size == size
    assert sum(len(body.value) for body in bodies) == size
    assert all(len(body.value) <= BODY_FRAME for body in bodies)


@given(ANY_PROPERTIES)
def test_whatever_the_properties_are_they_are_read_as_the_library_reads_them(parts: dict[str, bytes]) -> None:
    payload = header_of(parts, 7)
    header = ContentHeader()
    header.unmarshal(fit_header(payload))
    expected = header.properties
    head = read_head(payload)
    assert head.body_size == 7
    assert head.message_id == expected.message_id
    assert head.user_id == expected.user_id
    assert head.headers == dict(expected.headers or {})


@given(HEADERS)
def test_plain_headers_are_read(headers: dict[str, Any]) -> None:
    sent = Basic.Properties(message_id="m", user_id="u", headers=headers, priority=3, reply_to="r")
    head = read_head(ContentHeader(body_size=5, properties=sent).marshal())
    assert (head.body_size, head.message_id, head.user_id, head.headers) == (5, "m", "u", headers)


def test_a_long_table_is_left_out() -> None:
    sent = Basic.Properties(user_id="u", headers={"long": "x" * MAX_HEADERS})
    head = read_head(ContentHeader(body_size=0, properties=sent).marshal())
    assert (head.user_id, head.headers) == ("u", {UNREADABLE: "headers"})
