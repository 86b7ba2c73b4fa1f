"""The background tasks of a service: its consumers, the relay of each of its stores, and settlement."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeVar

import structlog

from shared.bus import DONE, Consumer, Delivery, Outcome, Publisher, consumer_topology, outcome_of
from shared.bus.consumer import PAUSE
from shared.bus.topology import Topology
from shared.envelope import MalformedEnvelopeError
from shared.events import BY_TYPE, stream_of
from shared.health import Check
from shared.inbox import Inbox
from shared.mongo import OUTAGES, Database, RecordStore, ServerClock
from shared.outbox import EventPublisher, Relay
from shared.records import Record
from shared.settings import Settings
from shared.settlement import Seen, Settlement

CLOCK_EVERY = 30.0
R = TypeVar("R", bound=Record)
Take = Callable[[Sequence[Delivery]], Awaitable[list[Outcome]]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Stream:
    """A stream of events that a service consumes: types, handler, and what settlement can ask.

    A stream whose events must not wait behind others has its own `queue` instead of the service's.
    """

    types: Sequence[str]
    take: Take
    seen: Seen
    queue: str | None = None


@dataclass
class Runtime:
    """The background tasks of one service."""

    publisher: Publisher
    relays: list[Relay] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)

    async def broker_ready(self) -> bool:
        """Whether the publisher is connected and every consumer is consuming."""
        line = await self.publisher.open()
        return not line.is_closed and all(consumer.consuming.is_set() for consumer in self.consumers)


def record_stream(store: RecordStore[R], inbox: Inbox[R]) -> Stream:
    """A stream that is applied to the records of a store."""
    return Stream(inbox.types, inbox.take, lambda question: store.taken_in(question.records, question.source))


def dispatch(streams: Mapping[str, Stream]) -> Take:
    """One handler for a queue with several streams, in the order of the mapping.

    Streams with the same `take` are handled together: an event of one may be about an event of the other.
    """

    async def take(deliveries: Sequence[Delivery]) -> list[Outcome]:
        indexes: dict[Take, list[int]] = {stream.take: [] for stream in streams.values()}
        outcomes: list[Outcome] = [DONE] * len(deliveries)
        for index, delivery in enumerate(deliveries):
            contract = BY_TYPE.get(str(delivery.headers.get("ce-type")))
            stream = streams.get(stream_of(contract)) if contract else None
            if stream is not None:
                indexes[stream.take].append(index)
            else:
                outcomes[index] = outcome_of(MalformedEnvelopeError("unknown type"))
        for handle, positions in indexes.items():
            if not positions:
                continue
            for index, outcome in zip(positions, await handle([deliveries[i] for i in positions]), strict=True):
                outcomes[index] = outcome
        return outcomes

    return take


def types_by_queue(service: str, streams: Mapping[str, Stream]) -> dict[str, list[str]]:
    """The types of each queue. The service's own has the streams without a queue, and messages sent to it directly."""
    found: dict[str, list[str]] = {service: []}
    for stream in streams.values():
        found.setdefault(stream.queue or service, []).extend(stream.types)
    return found


@asynccontextmanager
async def running(
    service: str,
    settings: Settings,
    clock: ServerClock,
    *,
    stores: Mapping[str, RecordStore[Any]],
    streams: Mapping[str, Stream],
    more_topology: Topology = Topology(),  # noqa: B008  # frozen
    more_consumers: Callable[[Publisher], list[Consumer]] = lambda _: [],
    on_unroutable: Callable[[], None] = lambda: None,
    events_by: Callable[[Publisher], EventPublisher] = lambda publisher: publisher,
    pause: float = PAUSE,
) -> AsyncIterator[Runtime]:
    """Run the background tasks of `service` while the context is open.

    `stores` are the stores with events, by their stream; `streams` are those that the service consumes.
    `events_by` makes what publishes their events; `pause`: seconds between two batches of the service's own queue.
    At the end the consumers finish their batch first, then the relays publish the resulting events.
    """
    url = settings.amqp_url.get_secret_value()
    queues = types_by_queue(service, streams)
    own = [consumer_topology(queue, types, settings.retry_delays) for queue, types in queues.items()]
    topology = Topology(
        tuple(queue for each in (*own, more_topology) for queue in each.queues),
        tuple(binding for each in (*own, more_topology) for binding in each.bindings),
    )
    publisher = Publisher(url, service, topology)
    runtime, events = Runtime(publisher), events_by(publisher)
    for stream, store in stores.items():
        relay = Relay(
            store, events, sweep_every=settings.sweep_every, outages=OUTAGES, stream=stream, on_trouble=on_unroutable
        )
        store.on_emitted, store.confirmed = relay.offer, relay.confirmed
        runtime.relays.append(relay)
    settlement = Settlement(
        service,
        publisher,
        every=settings.settle_every,
        outages=OUTAGES,
        outboxes=stores,
        seen={name: stream.seen for name, stream in streams.items()},
    )
    runtime.consumers = [
        *(
            Consumer(
                url,
                queue,
                topology,
                settlement.filter(dispatch(streams)),
                publisher=publisher,
                delays=settings.retry_delays,
                outages=OUTAGES,
                pause=pause if queue == service else PAUSE,
            )
            for queue in queues
        ),
        *more_consumers(publisher),
    ]
    consuming = [asyncio.create_task(consumer.run()) for consumer in runtime.consumers]
    relaying = [asyncio.create_task(relay.run()) for relay in runtime.relays]
    timers = [asyncio.create_task(settlement.run()), asyncio.create_task(_measure_clock(clock))]
    try:
        yield runtime
    finally:
        for consumer in runtime.consumers:
            consumer.stop()
        await _stop(consuming, 4.0)
        for relay in runtime.relays:
            relay.stop()
        await _stop(relaying, 3.0)
        await _stop(timers, 0)
        await publisher.close()


def checks(runtime: Runtime, database: Database) -> dict[str, Check]:
    """The readiness checks of a service: its database and the broker."""

    async def database_ready() -> bool:
        await database.command("ping")
        return True

    return {"database": database_ready, "broker": runtime.broker_ready}


async def _measure_clock(clock: ServerClock) -> None:
    while True:
        with suppress(*OUTAGES):
            await clock.measure()
        await asyncio.sleep(CLOCK_EVERY)


async def _stop(tasks: Sequence[asyncio.Task[None]], seconds: float) -> None:
    """Let the tasks end for some seconds, then cancel them."""
    if tasks and seconds:
        await asyncio.wait(tasks, timeout=seconds)
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("runtime.task_failed", error=type(result).__name__, exc_info=result)
