"""What runs beside a service's HTTP side: its consumer, the relay of each of its stores, and settlement."""

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
from shared.outbox import Relay
from shared.records import Record
from shared.settings import Settings
from shared.settlement import Seen, Settlement

CLOCK_EVERY = 30.0
R = TypeVar("R", bound=Record)
Take = Callable[[Sequence[Delivery]], Awaitable[list[Outcome]]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Stream:
    """Events of one stream that a service takes in: which types, by what, and how it tells what it has seen.

    One whose events must not wait behind those of others has a `queue` of its own in place of the service's.
    """

    types: Sequence[str]
    take: Take
    seen: Seen
    queue: str | None = None


@dataclass
class Runtime:
    """The background side of one service."""

    service: str
    settings: Settings
    publisher: Publisher
    relays: list[Relay] = field(default_factory=list)
    consumers: list[Consumer] = field(default_factory=list)
    settlement: Settlement | None = None

    async def broker_ready(self) -> bool:
        """Whether the publisher has its topology and every consumer is consuming."""
        line = await self.publisher.open()
        return not line.is_closed and all(consumer.consuming.is_set() for consumer in self.consumers)


def record_stream(store: RecordStore[R], inbox: Inbox[R]) -> Stream:
    """A stream that is taken into the records of a store."""
    return Stream(inbox.types, inbox.take, lambda asked: store.taken_in(asked.records, asked.source))


def dispatch(streams: Mapping[str, Stream]) -> Take:
    """One taker for a queue that carries several streams."""

    async def take(deliveries: Sequence[Delivery]) -> list[Outcome]:
        places: dict[str, list[int]] = {}
        outcomes: list[Outcome] = [DONE] * len(deliveries)
        for place, delivery in enumerate(deliveries):
            contract = BY_TYPE.get(str(delivery.headers.get("ce-type")))
            stream = stream_of(contract) if contract else ""
            if stream in streams:
                places.setdefault(stream, []).append(place)
            else:
                outcomes[place] = outcome_of(MalformedEnvelopeError("unknown type"))
        for stream, indexes in places.items():
            taken = await streams[stream].take([deliveries[index] for index in indexes])
            for index, outcome in zip(indexes, taken, strict=True):
                outcomes[index] = outcome
        return outcomes

    return take


def types_by_queue(service: str, streams: Mapping[str, Stream]) -> dict[str, list[str]]:
    """Which types come by which queue; by the service's own comes what is in no other, and what is said to it alone."""
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
    pause: float = PAUSE,
) -> AsyncIterator[Runtime]:
    """Run the background side of `service` for as long as the context is open.

    `stores` are those whose records speak, by the stream that they say; `streams` is what the service takes in.
    `pause`: seconds between two batches of the service's own queue.
    On the way out the consumers finish their batch first, then the relays publish what that caused.
    """
    url = settings.amqp_url.get_secret_value()
    queues = types_by_queue(service, streams)
    own = [consumer_topology(queue, types, settings.retry_delays) for queue, types in queues.items()]
    topology = Topology(
        tuple(queue for each in (*own, more_topology) for queue in each.queues),
        tuple(binding for each in (*own, more_topology) for binding in each.bindings),
    )
    publisher = Publisher(url, service, topology)
    runtime = Runtime(service, settings, publisher)
    for stream, store in stores.items():
        relay = Relay(
            store, publisher, sweep_every=settings.sweep_every, outages=OUTAGES, stream=stream, on_trouble=on_unroutable
        )
        store.on_emitted = relay.offer
        runtime.relays.append(relay)
    runtime.settlement = settlement = Settlement(
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
    timers = [asyncio.create_task(settlement.run()), asyncio.create_task(_keep_time(clock))]
    try:
        yield runtime
    finally:
        for consumer in runtime.consumers:
            consumer.stop()
        await _end(consuming, 4.0)
        for relay in runtime.relays:
            relay.stop()
        await _end(relaying, 3.0)
        await _end(timers, 0)
        await publisher.close()


def checks(runtime: Runtime, database: Database) -> dict[str, Check]:
    """The readiness of a service: its database answers and its broker side stands."""

    async def database_ready() -> bool:
        await database.command("ping")
        return True

    return {"database": database_ready, "broker": runtime.broker_ready}


async def _keep_time(clock: ServerClock) -> None:
    while True:
        with suppress(*OUTAGES):
            await clock.measure()
        await asyncio.sleep(CLOCK_EVERY)


async def _end(tasks: Sequence[asyncio.Task[None]], seconds: float) -> None:
    """Give the tasks that long to end by themselves, then cancel them."""
    if tasks and seconds:
        await asyncio.wait(tasks, timeout=seconds)
    for task in tasks:
        task.cancel()
    for result in await asyncio.gather(*tasks, return_exceptions=True):
        if isinstance(result, Exception):
            log.error("runtime.task_failed", error=type(result).__name__, exc_info=result)
