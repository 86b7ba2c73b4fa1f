"""Frames that strangers caused: whatever they hold, the AMQP client can decode what it is given."""

import asyncio
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from aiormq.connection import FrameReceiver
from hypothesis import given
from hypothesis import strategies as st
from pamqp import frame
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader
from pamqp.heartbeat import Heartbeat

from shared.bus.strangers import MAX_HEADERS, PROPERTIES, UNREADABLE, FitFrames, fit_header

SHORT = st.binary(max_size=255).map(lambda text: bytes([len(text)]) + text)
ENTRY = st.builds(
    lambda name, kind, value: bytes([len(name)]) + name + kind + value,
    st.binary(max_size=4),
    st.sampled_from([bytes([kind]) for kind in b"tbBsuIilLfdDSATFVx\x00?"]),
    st.binary(max_size=12),
)
TABLE = st.lists(ENTRY, max_size=5).map(b"".join).map(lambda entries: len(entries).to_bytes(4) + entries)
VALUES = {
    "shortstr": SHORT,
    "table": TABLE,
    "octet": st.binary(min_size=1, max_size=1),
    "timestamp": st.binary(min_size=8, max_size=8),
}
ANY_PROPERTIES = st.fixed_dictionaries({}, optional={name: VALUES[kind] for name, _, kind in PROPERTIES})


def header_of(parts: dict[str, bytes], body_size: int = 0) -> bytes:
    """The content of a header frame with these properties as raw bytes."""
    flags = sum(flag for name, flag, _ in PROPERTIES if name in parts)
    values = b"".join(parts[name] for name, _, _ in PROPERTIES if name in parts)
    return struct.pack(">HHQH", Basic.frame_id, 0, body_size, flags) + values


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


def test_what_can_be_decoded_comes_through_as_it_is() -> None:
    deaths: Any = [{"count": 1, "reason": "expired", "time": datetime(2026, 1, 1, tzinfo=UTC), "routing-keys": ["a"]}]
    sent = Basic.Properties(message_id="ا", user_id="department.water", headers={"x-death": deaths, "ce-seq": 3})
    payload = ContentHeader(body_size=5, properties=sent).marshal()
    assert fit_header(payload) == payload


def test_who_sent_it_is_kept_and_what_was_spoilt_is_named() -> None:
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


async def frames_through(*sent: bytes, most_body: int | None) -> list[object]:
    """What the client reads when this comes from the broker in two pieces."""
    stream = asyncio.StreamReader()
    receiver = FrameReceiver(FitFrames(stream, most_body))  # type: ignore[arg-type]  # what FitTransport casts
    whole = b"".join(sent) + Heartbeat().marshal()
    stream.feed_data(whole[: len(whole) // 3])
    reading = asyncio.create_task(receiver.get_frame())
    await asyncio.sleep(0)
    stream.feed_data(whole[len(whole) // 3 :])
    got: list[object] = [(await reading)[2]]
    while not isinstance(got[-1], Heartbeat):
        got.append((await receiver.get_frame())[2])
    return got


@pytest.mark.parametrize(("most_body", "size"), [(None, 3_000), (3_000, 3_000), (2_999, 0)])
async def test_a_body_past_the_bound_comes_through_empty(most_body: int | None, size: int) -> None:
    header = ContentHeader(body_size=3_000, properties=Basic.Properties(message_id="m"))
    deliver = Basic.Deliver("consumer", 1, False, "rabta.actions", "department.water")
    message: list[Any] = [deliver, header, *[ContentBody(bytes(1_000))] * 3]
    other = [frame.marshal(ContentBody(b"of another channel"), 2)]
    wire = [frame.marshal(part, 1) for part in message]
    got = await frames_through(*wire[:3], *other, *wire[3:], *wire, most_body=most_body)
    heads = [part for part in got if isinstance(part, ContentHeader)]
    assert [(part.body_size, part.properties.message_id) for part in heads] == [(size, "m")] * 2
    bodies = [len(part.value) for part in got if isinstance(part, ContentBody)]
    assert sum(bodies) == 2 * size + len(b"of another channel")


async def test_a_connection_that_ends_is_noticed() -> None:
    stream = asyncio.StreamReader()
    fit = FitFrames(stream, None)
    stream.feed_data(b"\x01")
    stream.feed_eof()
    with pytest.raises(asyncio.IncompleteReadError):
        await fit.readexactly(1)
    assert fit.at_eof()
