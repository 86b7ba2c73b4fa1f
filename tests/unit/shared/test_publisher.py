"""The publisher returns a result for each message, whatever happens to the connection, and no false confirm."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any, cast

import aiormq.channel
import pytest
from aiormq.abc import ChannelFrame
from pamqp.header import ContentHeader

import shared.bus.publisher
from shared import events
from shared.bus import Message, Publisher, Topology
from shared.bus.confirms import Confirms
from shared.bus.connection import BrokerConnection
from shared.bus.stream import Readers
from tests.builders import CITIZEN, an_envelope
from tests.fakes import until
from tests.unit.shared.wire import parts_of


class FakeChannel:
    """A fake channel in confirm mode; each write has the result that the test set at the broker."""

    def __init__(self, broker: "Broker", confirms: Confirms) -> None:
        self.broker = broker
        self.confirms = confirms
        self.number = 1
        self.tag = 0
        self.is_closed = False
        self.connection = SimpleNamespace(is_closed=False)
        self.lock = asyncio.Lock()
        self.write_queue = SimpleNamespace(put=self.write)

    async def exchange_declare(self, *_: Any, **__: Any) -> None:
        """Declare, at once or never."""
        await self.broker.declares.wait()

    async def write(self, sent: ChannelFrame) -> None:
        """Confirm the written messages, or give the set result."""
        self.broker.writes += 1
        for message_id in ids_in(sent.payload):
            self.tag += 1
            self.broker.published.append(message_id)
            end = self.broker.ends.get(message_id, "confirm")
            if isinstance(end, BaseException):
                raise end
            if end == "return":
                self.confirms.returned(message_id)
            if end == "lose the connection":
                self.confirms.lost()
            elif end != "silence":
                self.confirms.confirmed(self.tag, multiple=False, safe=end != "refuse")


class Broker:
    """Fake connections whose publishes have the set results, by message id."""

    def __init__(self) -> None:
        self.lines = self.closed = self.writes = 0
        self.published: list[str] = []
        self.ends: dict[str, BaseException | str] = {}
        self.connecting: list[BaseException] = []
        self.declares = asyncio.Event()
        self.declares.set()

    @asynccontextmanager
    async def open_connection(self, url: str, name: str, readers: Readers) -> AsyncIterator[BrokerConnection]:
        """What `shared.bus.connection.open_connection` is in the product."""
        if self.connecting:
            raise self.connecting.pop(0)
        self.lines += 1
        assert readers.confirms is not None
        yield BrokerConnection(cast(aiormq.channel.Channel, FakeChannel(self, readers.confirms)), readers.confirms)
        self.closed += 1


def ids_in(payload: bytes) -> list[str]:
    """The ids of the messages in written bytes."""
    return [part.properties.message_id or "" for part in parts_of(payload) if isinstance(part, ContentHeader)]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """A broker that the publisher finds."""
    broker = Broker()
    monkeypatch.setattr(shared.bus.publisher, "open_connection", broker.open_connection)
    return broker


def to(*names: str) -> list[Message]:
    """Messages with these ids, each of another type."""
    return [Message("rabta.events", f"request.answered.v{n}", b"{}", name) for n, name in enumerate(names, 1)]


def publisher() -> Publisher:
    """A publisher that is not connected yet."""
    return Publisher("amqp://nowhere", "test", Topology())


async def test_each_message_has_its_own_answer_and_all_are_one_write(broker: Broker) -> None:
    broker.ends = {"refused": "refuse", "unroutable": "return"}
    assert await publisher().publish(to("a", "refused", "b", "unroutable")) == [True, False, True, False]
    assert broker.published == ["a", "refused", "b", "unroutable"]
    assert broker.writes == 1


async def test_events_of_one_type_share_a_message_and_its_answer(broker: Broker) -> None:
    broker.ends = {"a+1": "refuse"}
    names = ["a", "b", "c", "d", "e"]
    keys = ["request.rated.v1", "request.rated.v1", "request.closed.v1", "request.answered.v1", "request.answered.v1"]
    messages = [
        Message("rabta.events", key, b"{}", name, correlation_id=name) for key, name in zip(keys, names, strict=True)
    ]
    assert await publisher().publish(messages) == [False, False, True, True, True]
    assert broker.published == ["a+1", "c", "d+1"]


async def test_missing_confirm_is_not_safe(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.bus.publisher, "PUBLISH_TIMEOUT", 0.01)
    broker.ends = {"silent": "silence", "refused": "refuse"}
    assert await publisher().publish(to("a", "silent", "refused", "b")) == [True, False, False, True]
    assert broker.closed == 1


async def test_refusal_keeps_the_connection_and_an_error_drops_it(broker: Broker) -> None:
    bus = publisher()
    broker.ends = {"refused": "refuse"}
    await bus.publish(to("refused"))
    await bus.publish(to("a"))
    assert broker.lines == 1
    for trouble in (ConnectionResetError(), RuntimeError(), "lose the connection"):
        broker.ends = {"b": trouble}
        assert await bus.publish(to("a", "b")) == [True, False]
    broker.ends = {}
    assert await bus.publish(to("a", "b")) == [True, True]
    assert (broker.lines, broker.closed) == (4, 3)


async def test_unencodable_message_leaves_the_connection_open(broker: Broker) -> None:
    bus = publisher()
    with pytest.raises(ValueError, match="bytes"):
        await bus.publish(to("a", "x" * 256))
    assert await bus.publish(to("a", "b")) == [True, True]
    assert broker.published == ["a", "b"]


@pytest.mark.parametrize("error", [ConnectionRefusedError(), TimeoutError(), OSError(), asyncio.CancelledError()])
async def test_unreachable_broker_confirms_nothing(broker: Broker, error: BaseException) -> None:
    broker.connecting = [error]
    bus = publisher()
    assert await bus.publish(to("a", "b")) == [False, False]
    assert await bus.publish(to("a", "b")) == [True, True]


async def test_shutdown_is_not_delayed(broker: Broker) -> None:
    broker.declares.clear()
    task = asyncio.create_task(publisher().publish(to("a")))
    await until(lambda: broker.lines == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_event_is_confirmed_when_all_its_copies_are(broker: Broker) -> None:
    event = events.RequestAnswered(citizen_id=CITIZEN)
    envelopes = [an_envelope(event, 1, queue="department.a"), an_envelope(event, 2, queue="department.b")]
    broker.ends = {f"{envelopes[0].id}>department.a": "refuse"}
    assert await publisher().publish_events([*envelopes, an_envelope(event, 3)]) == [False, True, True]
    assert await publisher().publish_events([]) == []


async def test_close_closes_the_connection(broker: Broker) -> None:
    bus = publisher()
    await bus.close()
    await bus.publish(to("a"))
    await bus.close()
    assert broker.closed == 1
