"""The stream between broker and client library intercepts messages and confirms and passes on all other frames."""

import asyncio
from typing import Any

import pytest
from aiormq.connection import FrameReceiver
from pamqp import frame
from pamqp.body import ContentBody
from pamqp.commands import Basic, Channel
from pamqp.header import ContentHeader
from pamqp.heartbeat import Heartbeat

import shared.bus.stream
from shared.bus.confirms import Confirms
from shared.bus.stream import Frames, IncomingMessage, Readers

DELIVER = Basic.Deliver("consumer", 7, True, "rabta.events", "request.routed.v1")
LAST = Channel.CloseOk()


def wire(*parts: Any) -> bytes:
    """As it comes from the broker."""
    return b"".join(frame.marshal(part, 1) for part in parts)


def message(*bodies: bytes, **properties: Any) -> list[Any]:
    """Header and bodies of a message."""
    header = ContentHeader(body_size=sum(map(len, bodies)), properties=Basic.Properties(**properties))
    return [header, *map(ContentBody, bodies)]


async def reading(readers: Readers, sent: bytes, pieces: int = 3) -> list[object]:
    """The frames that the client reads when these bytes and `LAST` come from the broker in that many pieces."""
    stream = asyncio.StreamReader()
    receiver = FrameReceiver(Frames(stream, readers))  # type: ignore[arg-type]  # what InterceptingTransport casts
    whole = sent + wire(LAST)
    size = len(whole) // pieces + 1

    async def feed() -> None:
        for start in range(0, len(whole), size):
            stream.feed_data(whole[start : start + size])
            await asyncio.sleep(0)

    feeding = asyncio.create_task(feed())
    got: list[object] = []
    while not got or not isinstance(got[-1], Channel.CloseOk):
        got.append((await receiver.get_frame())[2])
    await feeding
    return got[:-1]


@pytest.mark.parametrize("pieces", [1, 3, 10_000])
async def test_deliveries_come_whole_and_the_rest_goes_to_the_client(pieces: int) -> None:
    taken: list[IncomingMessage] = []
    sent = wire(DELIVER, *message(b"{", b"}", message_id="m", headers={"ce-seq": 1}))
    sent += Heartbeat().marshal() + wire(DELIVER, *message(user_id="u"), Basic.Cancel("consumer"))
    rest = await reading(Readers(taken.append), sent, pieces)
    assert [type(part) for part in rest] == [Heartbeat, Basic.Cancel]
    first = IncomingMessage(7, True, "rabta.events", "request.routed.v1", {"ce-seq": 1}, "m", None, b"{}")
    assert taken == [first, IncomingMessage(7, True, "rabta.events", "request.routed.v1", {}, None, "u", b"")]


@pytest.mark.parametrize(("max_body", "size"), [(None, 3_000), (3_000, 3_000), (2_999, 0)])
async def test_too_long_body_arrives_empty(max_body: int | None, size: int) -> None:
    taken: list[IncomingMessage] = []
    sent = wire(DELIVER, *message(*[bytes(1_000)] * 3), DELIVER, *message(b"{}"))
    assert await reading(Readers(taken.append, max_body=max_body), sent) == []
    assert [len(one.body) for one in taken] == [size, 2]


async def test_without_a_receiver_the_client_gets_decodable_messages() -> None:
    spoilt = frame.marshal(ContentHeader(properties=Basic.Properties(headers={"x" * 9: "y"})), 1)
    spoilt = spoilt.replace(b"xxxxxxxxxS", b"xxxxxxxxx?")
    got = await reading(Readers(), wire(Basic.GetOk(1, False, "", "q", 0)) + spoilt + wire(Basic.Ack(1)))
    assert [type(part) for part in got] == [Basic.GetOk, ContentHeader, Basic.Ack]
    assert got[1].properties.headers == {"x-rabta-unreadable": "headers"}  # type: ignore[attr-defined]


async def test_confirms_and_returns_are_noted() -> None:
    confirms = Confirms()
    batch = confirms.expect(["a", "b", "c", "d"])
    sent = wire(Basic.Return(312, "NO_ROUTE", "", "q"), *message(b"{}", message_id="b"))
    sent += wire(Basic.Ack(2, True), Basic.Nack(3), Basic.Ack(4))
    assert await reading(Readers(confirms=confirms), sent) == []
    assert (batch.safe, batch.complete, batch.settled.done()) == ([True, False, False, True], True, True)


async def test_client_hears_that_the_broker_is_alive(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.bus.stream, "ALIVE_EVERY", 0.0)
    taken: list[IncomingMessage] = []
    got = await reading(Readers(taken.append), wire(DELIVER, *message()) * 3, pieces=100)
    assert len(taken) == 3
    assert {type(part) for part in got} == {Heartbeat}


async def test_a_connection_that_ends_is_noticed() -> None:
    stream = asyncio.StreamReader()
    frames = Frames(stream, Readers())
    stream.feed_data(b"\x01")
    stream.feed_eof()
    with pytest.raises(asyncio.IncompleteReadError):
        await frames.readexactly(1)
    assert frames.at_eof()
