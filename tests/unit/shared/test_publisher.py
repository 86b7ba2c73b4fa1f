"""The publisher: an answer for each message, whatever happens to the line, and never a false yes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import aiormq.channel
import pytest
from pamqp.commands import Basic

import shared.bus.publisher
from shared import events
from shared.bus import Message, Publisher, Topology
from shared.bus.connection import Line
from tests.builders import CITIZEN, an_envelope


class Broker:
    """Lines whose publishes end as told, by routing key."""

    def __init__(self) -> None:
        self.lines = 0
        self.closed = 0
        self.published: list[tuple[str, dict[str, Any]]] = []
        self.ends: dict[str, BaseException | object] = {}
        self.connecting: list[BaseException] = []

    @asynccontextmanager
    async def open_line(self, url: str, name: str) -> AsyncIterator[Line]:
        """What `shared.bus.connection.open_line` is in the product."""
        if self.connecting:
            raise self.connecting.pop(0)
        self.lines += 1
        channel = SimpleNamespace(is_closed=False, connection=SimpleNamespace(is_closed=False))
        channel.exchange_declare = self.nothing
        channel.basic_publish = self.publish
        yield Line(cast(aiormq.channel.Channel, channel))
        self.closed += 1

    async def nothing(self, *_: Any, **__: Any) -> None:
        """Declare."""

    async def publish(self, body: bytes, *, routing_key: str, **more: Any) -> object:
        """Confirm, or end as told."""
        self.published.append((routing_key, more))
        end = self.ends.get(routing_key, Basic.Ack())
        if isinstance(end, BaseException):
            raise end
        return end


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """A broker that the publisher finds."""
    broker = Broker()
    monkeypatch.setattr(shared.bus.publisher, "open_line", broker.open_line)
    return broker


def to(*keys: str) -> list[Message]:
    """Messages with these keys."""
    return [Message("rabta.events", key, b"{}", f"id-{key}") for key in keys]


def publisher() -> Publisher:
    """A publisher that is not connected yet."""
    return Publisher("amqp://nowhere", "test", Topology())


async def test_each_message_has_its_own_answer(broker: Broker) -> None:
    broker.ends = {"refused": Basic.Nack(), "rejected": Basic.Reject(0), "silent": None}
    assert await publisher().publish(to("a", "refused", "b", "rejected", "silent")) == [True, False, True, False, False]
    assert [key for key, _ in broker.published] == ["a", "refused", "b", "rejected", "silent"]


async def test_messages_are_persistent_mandatory_and_in_time(broker: Broker) -> None:
    await publisher().publish(to("a"))
    [(_, more)] = broker.published
    assert more["mandatory"]
    assert more["timeout"] > 0
    assert more["properties"].delivery_mode == 2
    assert more["properties"].message_id == "id-a"


async def test_a_refusal_keeps_the_line_and_trouble_drops_it(broker: Broker) -> None:
    bus = publisher()
    broker.ends = {"refused": Basic.Nack()}
    await bus.publish(to("refused"))
    await bus.publish(to("a"))
    assert broker.lines == 1
    for trouble in (TimeoutError(), ConnectionResetError(), asyncio.CancelledError()):
        broker.ends = {"b": trouble}
        assert await bus.publish(to("a", "b")) == [True, False]
    broker.ends = {}
    assert await bus.publish(to("a", "b")) == [True, True]
    assert (broker.lines, broker.closed) == (4, 3)


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), OSError(), asyncio.CancelledError()])
async def test_a_broker_that_is_away_confirms_nothing(broker: Broker, error: BaseException) -> None:
    broker.connecting = [error]
    bus = publisher()
    assert await bus.publish(to("a", "b")) == [False, False]
    assert await bus.publish(to("a", "b")) == [True, True]


async def test_our_own_shutdown_is_not_held_up(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(*_: Any, **__: Any) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(broker, "nothing", hang)
    task = asyncio.create_task(publisher().publish(to("a")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_event_is_confirmed_when_all_its_copies_are(broker: Broker) -> None:
    said = events.RequestAnswered(citizen_id=CITIZEN)
    envelopes = [an_envelope(said, 1, queue="department.a"), an_envelope(said, 2, queue="department.b")]
    broker.ends = {"department.a": Basic.Nack()}
    assert await publisher().publish_events([*envelopes, an_envelope(said, 3)]) == [False, True, True]
    assert await publisher().publish_events([]) == []


async def test_closing_closes_the_line(broker: Broker) -> None:
    bus = publisher()
    await bus.close()
    await bus.publish(to("a"))
    await bus.close()
    assert broker.closed == 1
