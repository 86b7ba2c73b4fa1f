"""The consumer: acknowledges last, retries by the ladder, then dead letters; waits while the store is away."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import aiormq.channel
import pytest

import shared.bus.consumer
from shared.bus import DONE, EVENTS, Consumer, Delivery, IncomingMessage, Message, Outcome, outcome_of
from shared.bus.bundles import BUNDLE, bundle_of
from shared.bus.confirms import Confirms
from shared.bus.connection import BrokerConnection
from shared.bus.consumer import ATTEMPT, BATCH, ERROR, FIRST
from shared.bus.stream import Readers
from shared.bus.topology import Topology, consumer_topology
from shared.envelope import MalformedEnvelopeError
from tests.builders import a_received
from tests.fakes import AwayError, MemoryBus, until

DELAYS = (5.0, 30.0, 300.0)


class FakeChannel:
    """A fake channel that records its calls."""

    def __init__(self) -> None:
        self.requested: list[str] = []
        self.acks: list[tuple[int, bool]] = []
        self.closing: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.on_consumer_cancel_callbacks: set[Callable[[object], None]] = set()

    @property
    def is_closed(self) -> bool:
        """Whether the connection was lost."""
        return self.closing.done()

    async def exchange_declare(self, exchange: str, **_: Any) -> None:
        """Note it."""
        self.requested.append(f"exchange {exchange}")

    async def queue_declare(self, queue: str, **_: Any) -> None:
        """Note it."""
        self.requested.append(f"queue {queue}")

    async def queue_bind(self, queue: str, exchange: str, key: str) -> None:
        """Note it."""
        self.requested.append(f"bind {queue} {exchange} {key}")

    async def basic_qos(self, prefetch_count: int) -> None:
        """Note it."""
        self.requested.append(f"qos {prefetch_count}")

    async def basic_consume(self, queue: str, never: Callable[[Any], Awaitable[None]]) -> None:
        """Start to deliver."""
        self.requested.append(f"consume {queue}")

    async def basic_ack(self, tag: int, *, multiple: bool, wait: bool) -> None:
        """Note it."""
        self.acks.append((tag, multiple))


class Desk:
    """A running consumer over fake channels, one for each connection."""

    def __init__(self, topology: Topology | None = None) -> None:
        self.bus = MemoryBus()
        self.channels: list[FakeChannel] = []
        self.readers: list[Readers] = []
        self.batches: list[list[str]] = []
        self.answer: Callable[[Delivery], Outcome] = lambda _: DONE
        self.errors: list[BaseException] = []
        self.connect_errors: list[BaseException] = []
        self.consumer = Consumer(
            "amqp://nowhere",
            "routing",
            topology or Topology(),
            self.handle,
            publisher=self.bus,
            delays=DELAYS,
            outages=(AwayError,),
        )

    async def handle(self, deliveries: Sequence[Delivery]) -> list[Outcome]:
        """Handle deliveries with the set outcomes."""
        self.batches.append([delivery.message_id for delivery in deliveries])
        if self.errors:
            raise self.errors.pop(0)
        return [self.answer(delivery) for delivery in deliveries]

    @asynccontextmanager
    async def open_connection(self, url: str, name: str, readers: Readers) -> AsyncIterator[BrokerConnection]:
        """What `shared.bus.connection.open_connection` is in the product."""
        if self.connect_errors:
            raise self.connect_errors.pop(0)
        self.channels.append(FakeChannel())
        self.readers.append(readers)
        yield BrokerConnection(cast(aiormq.channel.Channel, self.channels[-1]), Confirms())

    @asynccontextmanager
    async def running(self) -> AsyncIterator["Desk"]:
        """Run the consumer while the context is open."""
        task = asyncio.create_task(self.consumer.run())
        try:
            await until(self.consumer.consuming.is_set)
            yield self
        finally:
            self.consumer.stop()
            await asyncio.wait_for(task, 5)

    async def deliver(self, *messages: IncomingMessage) -> None:
        """Deliver over the newest channel."""
        receive = self.readers[-1].receive
        assert receive is not None
        for message in messages:
            receive(message)

    @property
    def acks(self) -> list[tuple[int, bool]]:
        """The acknowledgements on the newest channel."""
        return self.channels[-1].acks


@pytest.fixture
def desk(monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A consumer with fake channels."""
    desk = Desk()
    monkeypatch.setattr(shared.bus.consumer, "open_connection", desk.open_connection)
    monkeypatch.setattr(random, "uniform", lambda *_: 0.001)
    return desk


def message(tag: int = 1, attempt: int | None = None, **headers: Any) -> IncomingMessage:
    """A received message that went up the ladder `attempt` times before."""
    carried = {"ce-type": "request.routed.v1", **headers} | ({} if attempt is None else {ATTEMPT: attempt})
    return a_received(b'{"a":1}', carried, f"message-{tag}", tag=tag)


def a_bundle(tag: int, ids: Sequence[str]) -> IncomingMessage:
    """A received message with several events."""
    events = [Message(EVENTS, "request.routed.v1", b'{"a":1}', id_, {"ce-id": id_}) for id_ in ids]
    return a_received(bundle_of(events).body, {BUNDLE: len(events)}, tag=tag)


async def test_a_batch_is_acknowledged_with_one_frame(desk: Desk) -> None:
    async with desk.running():
        await desk.deliver(*(message(tag) for tag in range(1, 6)))
        await until(lambda: bool(desk.acks))
    assert desk.batches == [[f"message-{tag}" for tag in range(1, 6)]]
    assert desk.acks == [(5, True)]
    assert desk.bus.tried == []


async def test_batches_are_bounded(desk: Desk) -> None:
    async with desk.running():
        await desk.deliver(*(message(tag) for tag in range(1, BATCH + 11)))
        await until(lambda: len(desk.acks) == 2)
    assert [len(batch) for batch in desk.batches] == [BATCH, 10]


async def test_a_bundle_is_one_delivery_for_each_event_and_never_divided(desk: Desk) -> None:
    first, following = (a_bundle(tag, [f"{tag}/{seq}" for seq in range(BATCH - 1)]) for tag in (1, 2))
    async with desk.running():
        await desk.deliver(first, following, message(3))
        await until(lambda: len(desk.acks) == 2)
    assert [len(batch) for batch in desk.batches] == [2 * (BATCH - 1), 1]
    assert desk.acks == [(2, True), (3, True)]


async def test_an_event_of_a_bundle_that_fails_goes_to_a_delay_queue_alone(desk: Desk) -> None:
    desk.answer = lambda delivery: Outcome("retry", "E") if delivery.message_id == "b" else DONE
    async with desk.running():
        await desk.deliver(a_bundle(1, ["a", "b", "c"]))
        await until(lambda: bool(desk.acks))
    [copy] = desk.bus.taken
    assert (copy.key, copy.body, copy.headers["ce-id"]) == ("routing.retry.5s", b'{"a":1}', "b")
    assert json.loads(str(copy.headers[FIRST]))["id"] == "b"


LADDER = [
    (None, "routing.retry.5s", 1),
    (1, "routing.retry.30s", 2),
    (2, "routing.retry.300s", 3),
    (3, "routing.dead", 4),
    (9, "routing.dead", 10),
    ("many", "routing.retry.5s", 1),
]


@pytest.mark.parametrize(("attempt", "target", "following"), LADDER)
async def test_temporary_error_goes_to_a_delay_queue(
    desk: Desk, attempt: int | None, target: str, following: int
) -> None:
    desk.answer = lambda _: Outcome("retry", "NotYetKnownError")
    async with desk.running():
        await desk.deliver(message(attempt=attempt))
        await until(lambda: bool(desk.acks))
    [copy] = desk.bus.taken
    assert (copy.exchange, copy.key, copy.body) == ("", target, b'{"a":1}')
    assert json.loads(str(copy.headers.pop(FIRST))).keys() == {"id", "user", "key"}
    assert copy.headers == {"ce-type": "request.routed.v1", ATTEMPT: following, ERROR: "NotYetKnownError"}
    assert copy.persistent
    assert copy.mandatory


async def test_malformed_message_is_dead_without_retries(desk: Desk) -> None:
    desk.answer = lambda _: outcome_of(MalformedEnvelopeError("ce-seq"))
    async with desk.running():
        await desk.deliver(message())
        await until(lambda: bool(desk.acks))
    assert [copy.key for copy in desk.bus.taken] == ["routing.dead"]
    assert desk.bus.taken[0].headers[ERROR] == "MalformedEnvelopeError"


async def test_the_broker_s_own_headers_are_not_carried_on(desk: Desk) -> None:
    desk.answer = lambda _: Outcome("retry", "E")
    headers: dict[str, Any] = {
        "x-death": [{"queue": "x"}],
        "x-first-death-queue": "x",
        "x-last-death-reason": "expired",
    }
    async with desk.running():
        await desk.deliver(message(**headers, traceparent="00-1-2-01"))
        await until(lambda: bool(desk.acks))
    assert set(desk.bus.taken[0].headers) == {"ce-type", "traceparent", ATTEMPT, ERROR, FIRST}


async def test_two_copies_of_one_message_have_different_ids(desk: Desk) -> None:
    desk.answer = lambda _: Outcome("retry", "E")
    same = [a_received(b"{}", {}, "same", tag=tag) for tag in (1, 2)]
    async with desk.running():
        await desk.deliver(*same)
        await until(lambda: bool(desk.acks))
    assert len({copy.message_id for copy in desk.bus.taken}) == 2


async def test_the_original_is_acknowledged_only_after_its_copy_is_safe(desk: Desk) -> None:
    desk.answer = lambda _: Outcome("retry", "E")
    desk.bus.gate.clear()
    async with desk.running():
        await desk.deliver(message(1), message(2))
        await until(lambda: len(desk.bus.tried) == 2)
        assert desk.acks == []
        desk.bus.gate.set()
        await until(lambda: bool(desk.acks))
    assert desk.acks == [(2, True)]


async def test_refused_copy_leaves_the_batch_unacknowledged_and_reconnects(desk: Desk) -> None:
    desk.answer = lambda delivery: DONE if delivery.tag == 1 else Outcome("dead", "E")
    desk.bus.refuse = lambda _: True
    async with desk.running():
        await desk.deliver(message(1), message(2))
        await until(lambda: len(desk.channels) == 2)
        assert desk.channels[0].acks == []
        desk.bus.refuse = lambda _: False
        await until(desk.consumer.consuming.is_set)
        await desk.deliver(message(1), message(2))
        await until(lambda: bool(desk.acks))
    assert desk.acks == [(2, True)]


async def test_store_outage_keeps_the_batch(desk: Desk) -> None:
    desk.errors = [AwayError(), AwayError(), AwayError()]
    async with desk.running():
        await desk.deliver(message(1), message(2))
        await until(lambda: bool(desk.acks))
    assert desk.batches == [["message-1", "message-2"]] * 4
    assert desk.acks == [(2, True)]
    assert desk.bus.tried == []
    assert len(desk.channels) == 1


async def test_failing_message_does_not_fail_its_batch(desk: Desk) -> None:
    def fail_on_second(delivery: Delivery) -> Outcome:
        if delivery.tag == 2:
            raise ValueError("poison")
        return DONE

    desk.answer = fail_on_second
    async with desk.running():
        await desk.deliver(*(message(tag) for tag in (1, 2, 3)))
        await until(lambda: bool(desk.acks))
    assert desk.batches == [["message-1", "message-2", "message-3"], ["message-1"], ["message-2"], ["message-3"]]
    assert [copy.key for copy in desk.bus.taken] == ["routing.dead"]
    assert desk.acks == [(3, True)]


FIRST_SEEN = json.dumps({"id": "m-1", "user": "department.power", "key": "department.power"})


@pytest.mark.parametrize(("exchange", "believed"), [("", True), ("rabta.actions", False), ("rabta.events", False)])
def test_original_sender_is_trusted_from_our_own_queues_only(exchange: str, believed: bool) -> None:
    received = a_received(b"", {FIRST: FIRST_SEEN}, "m-9", "department.roads", "department.roads", exchange=exchange)
    delivery = Delivery(received)
    sender = ("m-1", "department.power", "department.power")
    assert ((delivery.message_id, delivery.user_id, delivery.routing_key) == sender) is believed


async def test_retried_message_has_its_original_properties(desk: Desk) -> None:
    desk.answer = lambda _: Outcome("retry", "E")
    first = a_received(b"{}", {}, "m-1", "department.power", "department.power", exchange="rabta.actions")
    async with desk.running():
        await desk.deliver(first)
        await until(lambda: bool(desk.acks))
    [copy] = desk.bus.taken
    again = Delivery(a_received(copy.body, copy.headers, copy.message_id, "rabta", copy.key, exchange=""))
    assert (again.message_id, again.user_id, again.routing_key) == ("m-1", "department.power", "department.power")
    assert again.attempt == 1


async def test_stopping_while_the_store_is_away_leaves_the_messages_to_the_next(desk: Desk) -> None:
    desk.errors = [AwayError()] * 10_000
    async with desk.running():
        await desk.deliver(message(1))
        await until(lambda: len(desk.batches) > 1)
    assert desk.acks == []


async def test_current_batch_is_finished_before_stopping(desk: Desk) -> None:
    desk.answer = lambda _: Outcome("retry", "E")
    desk.bus.gate.clear()
    async with desk.running():
        await desk.deliver(message(1))
        await until(lambda: len(desk.bus.tried) == 1)
        desk.consumer.stop()
        desk.bus.gate.set()
    assert desk.acks == [(1, True)]
    assert not desk.consumer.consuming.is_set()


async def test_a_lost_connection_is_opened_again_with_its_topology(monkeypatch: pytest.MonkeyPatch) -> None:
    desk = Desk(consumer_topology("routing", ["request.submitted.v1"], DELAYS))
    monkeypatch.setattr(shared.bus.consumer, "open_connection", desk.open_connection)
    monkeypatch.setattr(random, "uniform", lambda *_: 0.001)
    async with desk.running():
        desk.connect_errors = [ConnectionRefusedError(), OSError(), TimeoutError()]
        desk.channels[0].closing.set_result(None)
        await until(lambda: len(desk.channels) == 2 and desk.consumer.consuming.is_set())
        await desk.deliver(message(1))
        await until(lambda: bool(desk.acks))
    assert desk.channels[0].requested == desk.channels[1].requested
    assert desk.channels[0].requested[-2:] == ["qos 400", "consume routing"]
    assert "bind routing rabta.events request.submitted.v1" in desk.channels[0].requested


async def test_a_deleted_queue_is_declared_again(desk: Desk) -> None:
    async with desk.running():
        for callback in desk.channels[0].on_consumer_cancel_callbacks:
            callback(None)
        await until(lambda: len(desk.channels) == 2)


async def test_the_client_s_own_cancelling_is_trouble_and_not_shutdown(desk: Desk) -> None:
    desk.errors = [asyncio.CancelledError()]
    async with desk.running():
        await desk.deliver(message(1))
        await until(lambda: len(desk.channels) == 2)


async def test_cancellation_ends_the_consumer(desk: Desk) -> None:
    task = asyncio.create_task(desk.consumer.run())
    await until(desk.consumer.consuming.is_set)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (MalformedEnvelopeError("x"), "dead"),
        (ValueError("35202-1234567-1"), "dead"),
        (UnicodeDecodeError("utf-8", b"", 0, 1, "x"), "dead"),
        (LookupError("x"), "retry"),
        (RuntimeError("x"), "retry"),
        (AwayError("x"), "retry"),
    ],
)
def test_outcome_has_the_error_class_only(error: Exception, verdict: str) -> None:
    assert outcome_of(error) == Outcome(cast(Any, verdict), type(error).__name__)
