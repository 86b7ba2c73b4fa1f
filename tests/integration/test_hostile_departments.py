"""A hostile department: the malformed bytes that it publishes delay nobody and reach no other department."""

import json
import secrets
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aio_pika
import aiormq.channel
import pytest
from aiormq.abc import ChannelFrame
from pamqp import encode, frame
from pamqp.body import ContentBody
from pamqp.commands import Basic

from deploy.local.servers import Servers
from shared.bus.consumer import ERROR
from shared.bus.topology import dead_queue
from tests.journeys.test_main_job import LAMP, at_department
from tools.chaos.run import credentials
from tools.portal import Portal, until

HOSTILE = "department.health"
DEAD = dead_queue("routing.actions")
CHANNEL = 1
FLAGS = Basic.Properties.flags
FAR_AWAY = b"\x80" + bytes(7)
"""A timestamp of 2^63 seconds."""


def table(entries: bytes) -> bytes:
    """A table of headers."""
    return len(entries).to_bytes(4) + entries


def nested(levels: int) -> bytes:
    """The entries of a table of nested tables."""
    entries = b""
    for _ in range(levels):
        entries = b"\x01aF" + table(entries)
    return entries


def texts(*values: str) -> bytes:
    """A list of texts, as the value of a header."""
    return b"A" + table(b"".join(b"S" + encode.long_string(value) for value in values))


UNREADABLE: dict[str, tuple[str, bytes]] = {
    "timestamp": ("timestamp", FAR_AWAY),
    "message id": ("message_id", b"\x02\xff\xfe"),
    "content type": ("content_type", b"\x01\x80"),
    "header name": ("headers", table(b"\x02\xff\xfet\x01")),
    "header value": ("headers", table(b"\x01aT" + FAR_AWAY)),
    "deep headers": ("headers", table(nested(400))),
    "endless headers": ("headers", table(b"\x01aA" + table(b"V" * 60_000))),
}


def raw_message(body: bytes, **parts: bytes) -> bytes:
    """The frames of an action with these properties as raw bytes."""
    flags, properties = 0, b""
    for name, _ in Basic.Properties():
        if name in parts:
            flags |= FLAGS[name]
            properties += parts[name]
    header = struct.pack(">HHQH", Basic.frame_id, 0, len(body), flags) + properties
    publish = frame.marshal(Basic.Publish(exchange="rabta.actions", routing_key=HOSTILE), CHANNEL)
    head = struct.pack(">BHI", 2, CHANNEL, len(header)) + header + b"\xce"
    pieces = [ContentBody(body[at : at + 100_000]) for at in range(0, len(body), 100_000)]
    return publish + head + b"".join(frame.marshal(piece, CHANNEL) for piece in pieces)


@asynccontextmanager
async def speaking(portal: Portal, servers: Servers) -> AsyncIterator[aiormq.channel.Channel]:
    """A channel with the hostile department's credentials."""
    url, _ = await credentials(portal, servers.amqp_url, "health")
    async with await aio_pika.connect(url) as connection:
        channel = await (await connection.channel(CHANNEL, publisher_confirms=False)).get_underlay_channel()
        assert isinstance(channel, aiormq.channel.Channel)
        yield channel
        await channel.queue_declare(HOSTILE, passive=True)  # answered after all that came before
        assert not channel.is_closed, "the broker refused it, so nothing was shown"


async def write(channel: aiormq.channel.Channel, payload: bytes) -> None:
    """Send bytes unchanged."""
    await channel.write_queue.put(ChannelFrame(payload=payload, should_close=False, drain_future=None))


def lost_connections(home: Path) -> int:
    """How often the consumer of actions has reconnected."""
    lines = (line for file in (home / "log").glob("routing*.log") for line in file.read_text().splitlines())
    return sum("consumer.reconnecting" in line and "routing.actions" in line for line in lines)


@pytest.fixture
async def operator(servers: Servers) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    """A channel with the operator's credentials."""
    async with await aio_pika.connect(servers.amqp_url) as connection:
        yield await connection.channel()


async def letters(operator: aio_pika.abc.AbstractChannel, bodies: set[bytes]) -> dict[bytes, dict[str, Any]]:
    """Wait for the dead letters with these bodies; returns their headers."""
    queue = await operator.get_queue(DEAD)
    found: dict[bytes, dict[str, Any]] = {}

    async def look() -> bool | None:
        while (message := await queue.get(fail=False, no_ack=True)) is not None:
            if message.body in bodies:
                found[message.body] = dict(message.headers)
        return True if found.keys() == bodies else None

    await until(look, f"{len(bodies)} dead letters")
    return found


async def test_messages_that_cannot_be_decoded_are_answered_and_delay_nobody(
    portal: Portal, servers: Servers, home: Path
) -> None:
    citizen = await portal.register()
    number, department, _ = await at_department(portal, citizen, LAMP)
    url, _ = await credentials(portal, servers.amqp_url, department)
    before = lost_connections(home)
    bodies = {
        f"{name} {turn} {secrets.token_hex(4)}".encode(): it for turn in range(5) for name, it in UNREADABLE.items()
    }
    told: list[str] = []
    async with speaking(portal, servers) as channel, await aio_pika.connect(url) as honest:
        for body, (name, value) in bodies.items():
            await write(channel, raw_message(body, **{name: value, "user_id": encode.short_string(HOSTILE)}))
        begun = time.monotonic()
        exchange = await (await honest.channel()).get_exchange("rabta.actions", ensure=False)
        act = {"request": number, "action": "accept"}
        user = f"department.{department}"
        await exchange.publish(
            aio_pika.Message(json.dumps(act).encode(), message_id=secrets.token_hex(6), user_id=user), user
        )
        await portal.reaches(citizen, number, "accepted")
        assert time.monotonic() - begun < 5

        async def answered() -> bool | None:
            while (got := await channel.basic_get(HOSTILE, no_ack=True)).body:
                told.append(str(json.loads(got.body).get("type")))
            return told.count("/problems/properties-unreadable") == len(bodies) or None

        await until(answered, f"{len(bodies)} answers")
    assert lost_connections(home) == before


async def test_a_dead_letter_goes_nowhere_else(
    portal: Portal, servers: Servers, operator: aio_pika.abc.AbstractChannel
) -> None:
    """A message that is put aside has headers that the broker obeys; its copy would be sent with our rights.

    Departments are answered, and RabbitMQ 4 lets them name in `CC` only where they may write. So it comes from a user
    who is no department and may write anywhere.
    """
    spy = await operator.declare_queue(f"spy-{secrets.token_hex(4)}", exclusive=True)
    body, user = secrets.token_hex(8).encode(), urlsplit(servers.amqp_url).username or ""
    strange = b"\x01aT" + bytes(8) + b"\x01bD\x02\x00\x00\x00\x07" + b"\x01cx" + table(b"\xff") + b"\x01dV"
    headers = strange + b"\x02CC" + texts(spy.name, "routing") + b"\x07ce-typeS" + encode.long_string("forged")
    parts = {"headers": table(headers), "user_id": encode.short_string(user)}
    async with await aio_pika.connect(servers.amqp_url) as connection:
        channel = await (await connection.channel(CHANNEL, publisher_confirms=False)).get_underlay_channel()
        assert isinstance(channel, aiormq.channel.Channel)
        await write(channel, raw_message(body, **parts))
        found = await letters(operator, {body})
    assert await spy.get(fail=False) is None
    assert found[body].keys() >= {"ce-type", ERROR}
    assert not {"CC", "a", "b", "c", "d"} & found[body].keys()


async def test_a_huge_body_is_refused_unread(portal: Portal, servers: Servers, home: Path) -> None:
    before = lost_connections(home)
    action = secrets.token_hex(6)
    async with speaking(portal, servers) as channel:
        parts = {"message_id": encode.short_string(action), "user_id": encode.short_string(HOSTILE)}
        await write(channel, raw_message(bytes(3_000_000), **parts))

        async def refused() -> dict[str, Any] | None:
            got = await channel.basic_get(HOSTILE, no_ack=True)
            answer = json.loads(got.body or b"{}")
            return answer if answer.get("action") == action else None

        assert (await until(refused, "the refusal"))["status"] == 400
    assert lost_connections(home) == before
