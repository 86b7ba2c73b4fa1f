"""The publisher: an answer for each message, whatever happens to the line, and never a false yes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast

import aiormq.channel
import pytest
from aiormq.exceptions import DeliveryError
from pamqp.commands import Basic

import shared.bus.publisher
from shared import events
from shared.bus import Message, Publisher, Topology
from shared.bus.connection import Line
from shared.bus.publisher import BODY_FRAME, frames_of
from tests.builders import CITIZEN, an_envelope
from tests.fakes import until


class FakeChannel:
    """A channel in confirm mode, as far as the publisher uses the client's; each write ends as its broker was told."""

    def __init__(self, broker: "Broker") -> None:
        self.broker = broker
        self.number = 1
        self.is_closed = False
        self.connection = SimpleNamespace(is_closed=False)
        self.lock = asyncio.Lock()
        self.delivery_tag = 0
        self.confirmations: dict[int, asyncio.Future[object]] = {}
        self.message_id_delivery_tag: dict[str, int] = {}
        self.write_queue = SimpleNamespace(put=self.write)

    async def exchange_declare(self, *_: Any, **__: Any) -> None:
        """Declare, at once or never."""
        await self.broker.declares.wait()

    def create_future(self) -> asyncio.Future[object]:
        """What a confirm resolves."""
        return asyncio.get_running_loop().create_future()

    async def write(self, _: object) -> None:
        """Confirm what was just written, or end it as told; None is silence."""
        self.broker.writes += 1
        for message_id, tag in self.message_id_delivery_tag.items():
            self.broker.published.append(message_id)
            end = self.broker.ends.get(message_id, Basic.Ack(tag))
            confirmation = self.confirmations.pop(tag)
            if isinstance(end, asyncio.CancelledError):
                confirmation.cancel()
            elif isinstance(end, BaseException):
                confirmation.set_exception(end)
            elif end is not None:
                confirmation.set_result(end)


class Broker:
    """Lines whose publishes end as told, by message id."""

    def __init__(self) -> None:
        self.lines = self.closed = self.writes = 0
        self.published: list[str] = []
        self.ends: dict[str, BaseException | object] = {}
        self.connecting: list[BaseException] = []
        self.declares = asyncio.Event()
        self.declares.set()

    @asynccontextmanager
    async def open_line(self, url: str, name: str) -> AsyncIterator[Line]:
        """What `shared.bus.connection.open_line` is in the product."""
        if self.connecting:
            raise self.connecting.pop(0)
        self.lines += 1
        yield Line(cast(aiormq.channel.Channel, FakeChannel(self)))
        self.closed += 1


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """A broker that the publisher finds."""
    broker = Broker()
    monkeypatch.setattr(shared.bus.publisher, "open_line", broker.open_line)
    return broker


def to(*names: str) -> list[Message]:
    """Messages with these ids."""
    return [Message("rabta.events", "request.answered.v1", b"{}", name) for name in names]


def publisher() -> Publisher:
    """A publisher that is not connected yet."""
    return Publisher("amqp://nowhere", "test", Topology())


def refused() -> DeliveryError:
    """How the client tells that the broker did not take a message."""
    return DeliveryError(None, Basic.Nack())


async def test_each_message_has_its_own_answer_and_all_are_one_write(broker: Broker) -> None:
    broker.ends = {"refused": refused(), "rejected": refused()}
    assert await publisher().publish(to("a", "refused", "b", "rejected")) == [True, False, True, False]
    assert broker.published == ["a", "refused", "b", "rejected"]
    assert broker.writes == 1


async def test_silence_is_no_confirm(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared.bus.publisher, "PUBLISH_TIMEOUT", 0.01)
    broker.ends = {"silent": None, "refused": refused()}
    assert await publisher().publish(to("a", "silent", "refused", "b")) == [True, False, False, True]
    assert broker.closed == 1


def test_messages_are_persistent_and_mandatory_unless_they_say_otherwise() -> None:
    [message] = to("a")
    method, header, body = frames_of(message)
    assert method.mandatory
    assert header.properties.delivery_mode == 2
    assert header.properties.message_id == "a"
    assert (header.body_size, body.value) == (2, b"{}")
    light = frames_of(replace(message, persistent=False, mandatory=False))
    assert (light[0].mandatory, light[1].properties.delivery_mode) == (False, 1)


@pytest.mark.parametrize("size", [0, 1, BODY_FRAME, BODY_FRAME + 1, BODY_FRAME * 3])
def test_bodies_are_cut_into_frames_that_the_broker_takes(size: int) -> None:
    _, header, *bodies = frames_of(replace(to("a")[0], body=b"x" * size))
    assert header.body_size == size
    assert sum(len(body.value) for body in bodies) == size
    assert all(len(body.value) <= BODY_FRAME for body in bodies)


async def test_a_refusal_keeps_the_line_and_trouble_drops_it(broker: Broker) -> None:
    bus = publisher()
    broker.ends = {"refused": refused()}
    await bus.publish(to("refused"))
    await bus.publish(to("a"))
    assert broker.lines == 1
    for trouble in (ConnectionResetError(), RuntimeError(), asyncio.CancelledError()):
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


async def test_our_own_shutdown_is_not_held_up(broker: Broker) -> None:
    broker.declares.clear()
    task = asyncio.create_task(publisher().publish(to("a")))
    await until(lambda: broker.lines == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_event_is_confirmed_when_all_its_copies_are(broker: Broker) -> None:
    said = events.RequestAnswered(citizen_id=CITIZEN)
    envelopes = [an_envelope(said, 1, queue="department.a"), an_envelope(said, 2, queue="department.b")]
    broker.ends = {f"{envelopes[0].id}>department.a": refused()}
    assert await publisher().publish_events([*envelopes, an_envelope(said, 3)]) == [False, True, True]
    assert await publisher().publish_events([]) == []


async def test_closing_closes_the_line(broker: Broker) -> None:
    bus = publisher()
    await bus.close()
    await bus.publish(to("a"))
    await bus.close()
    assert broker.closed == 1
