"""Batched consuming: handle all waiting messages with few writes, then acknowledge them together.

Three outcomes: `done` acknowledges; `retry` goes to the next delay queue and, after the last one, to the dead
letters; `dead` goes there directly. The broker confirms a copy before the original is acknowledged, so that no
message is lost between two queues. While the store is down the batch is kept and retried until the store answers.
"""

import asyncio
import hashlib
import json
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Literal

import aiormq.abc
import structlog
from prometheus_client import Counter

from shared.bus.bundles import unbundled
from shared.bus.connection import open_connection
from shared.bus.frames import Message
from shared.bus.publisher import Publisher, PublishError
from shared.bus.stream import IncomingMessage, Readers, never
from shared.bus.topology import Topology, dead_queue, delay_queue
from shared.bus.untrusted import UNREADABLE
from shared.envelope import Envelope, MalformedEnvelopeError

PREFETCH = 400
MAX_ATTEMPTS = 1000
SHORT = 200
BATCH = 200
PAUSE = 0.01
"""Seconds between batches: messages that arrive meanwhile share the next one's writes."""
ATTEMPT = "x-rabta-attempt"
ERROR = "x-rabta-error"
FIRST = "x-rabta-first"
"""The properties of which a retried or dead message had others: message id, user, routing key, address for answers."""
COPIED = ("ce-", "traceparent", "tracestate")
DEAD = Counter("rabta_dead_letters_total", "Messages put among the dead letters, by error", ["queue", "error"])
RETRIED = Counter("rabta_retries_total", "Messages put into a delay queue, by error", ["queue", "error"])

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to do with a delivery, and the class of the error that decided it."""

    verdict: Literal["done", "retry", "dead"]
    error: str = ""


DONE = Outcome("done")


class Delivery:
    """A received message."""

    __slots__ = (
        "attempt",
        "body",
        "correlation_id",
        "headers",
        "message_id",
        "redelivered",
        "reply_to",
        "routing_key",
        "tag",
        "user_id",
    )

    def __init__(self, message: IncomingMessage) -> None:
        self.body = message.body
        self.headers = message.headers
        self.message_id = message.message_id or ""
        self.user_id = message.user_id
        self.routing_key = message.routing_key
        self.reply_to = message.reply_to
        self.correlation_id = message.correlation_id
        if message.exchange == "" and FIRST in self.headers:
            # Back from a delay queue or the dead letters. Only services may write to the default exchange, so this
            # header can be trusted here, and nowhere else.
            first = json.loads(str(self.headers[FIRST]))
            self.message_id, self.user_id, self.routing_key = first["id"], first["user"], first["key"]
            self.reply_to, self.correlation_id = first.get("reply_to"), first.get("correlation_id")
        self.attempt = attempt_of(self.headers) if message.exchange == "" else 0
        self.redelivered = message.redelivered
        self.tag = message.tag

    @property
    def unreadable(self) -> bool:
        """Whether its properties were left out, because they cannot be decoded."""
        return UNREADABLE in self.headers

    @property
    def envelope(self) -> Envelope:
        """The event in it. Raises MalformedEnvelopeError."""
        return Envelope.read(self.headers, self.body)


Handle = Callable[[Sequence[Delivery]], Awaitable[list[Outcome]]]


class Consumer:
    """Passes one queue to one handler, and reconnects as long as it runs.

    `handle` gets a batch and returns one outcome for each delivery; `outages` are the errors it may raise while the
    store is down; bodies longer than `max_body` arrive empty.
    """

    def __init__(
        self,
        url: str,
        queue: str,
        topology: Topology,
        handle: Handle,
        *,
        publisher: Publisher,
        delays: Sequence[float],
        outages: tuple[type[BaseException], ...],
        max_body: int | None = None,
        pause: float = PAUSE,
    ) -> None:
        self._url = url
        self._queue = queue
        self._topology = topology
        self._handle = handle
        self._publisher = publisher
        self._delays = delays
        self._outages = outages
        self._max_body = max_body
        self._between = pause
        self._stopping = asyncio.Event()
        self._wake = asyncio.Event()
        """Set on a delivery, on `stop`, and when the channel closes."""
        self.consuming = asyncio.Event()

    async def run(self) -> None:
        """Consume until `stop`; returns when the last batch is acknowledged."""
        failures = 0
        while not self._stopping.is_set():
            try:
                await self._session()
            except (Exception, asyncio.CancelledError) as error:  # after any error the queue must still be consumed
                task = asyncio.current_task()
                if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                    raise
                failures = 1 if self.consuming.is_set() else failures + 1
                log.warning("consumer.reconnecting", queue=self._queue, error=type(error).__name__)
                await self._pause(min(0.2 * 2**failures, 3.0))
            finally:
                self.consuming.clear()

    def stop(self) -> None:
        """Take no new deliveries; `run` returns once the current batch is acknowledged."""
        self._stopping.set()
        self._wake.set()

    async def _session(self) -> None:
        waiting: deque[IncomingMessage] = deque()
        arrived = self._wake
        queue_deleted = asyncio.Event()

        def receive(message: IncomingMessage) -> None:
            waiting.extend(unbundled(message))
            arrived.set()

        readers = Readers(receive, max_body=self._max_body)
        async with open_connection(self._url, f"{self._queue}-consumer", readers) as connection:
            channel = connection.channel

            def cancelled(_: object) -> None:
                queue_deleted.set()
                arrived.set()

            channel.closing.add_done_callback(lambda _: arrived.set())
            await self._topology.declare(channel)
            await channel.basic_qos(prefetch_count=PREFETCH)
            channel.on_consumer_cancel_callbacks.add(cancelled)
            await channel.basic_consume(self._queue, never)
            self.consuming.set()
            while not self._stopping.is_set():
                await arrived.wait()
                arrived.clear()
                if channel.is_closed:
                    raise ConnectionError("channel closed")
                if queue_deleted.is_set():
                    raise ConnectionError("the queue was deleted")  # the next session declares it again
                while waiting and not self._stopping.is_set():
                    batch = _next_batch(waiting)
                    await self._settle(channel, batch, await self._handle_with_retries(batch))
                    if len(waiting) < BATCH:
                        await asyncio.sleep(self._between)

    async def _handle_with_retries(self, batch: Sequence[Delivery]) -> list[Outcome]:
        """The handler's outcomes; it is called again while the store is down."""
        delay = 0.1
        while True:
            try:
                return await self._handle(batch)
            except self._outages as error:
                log.warning("consumer.store_away", queue=self._queue, error=type(error).__name__)
                if self._stopping.is_set():
                    raise ConnectionError("stopping while the store cannot be reached") from error
                await self._pause(delay)
                delay = min(delay * 2, 3.0)
            except Exception as error:
                if len(batch) == 1:
                    return [outcome_of(error)]
                # One message makes the handler fail: handled one by one, the others are not held up.
                return [outcome for delivery in batch for outcome in await self._handle_with_retries([delivery])]

    async def _settle(
        self, channel: aiormq.abc.AbstractChannel, batch: Sequence[Delivery], outcomes: Sequence[Outcome]
    ) -> None:
        aside = [(d, outcome) for d, outcome in zip(batch, outcomes, strict=True) if outcome.verdict != "done"]
        copies = [self._copy(delivery, outcome) for delivery, outcome in aside]
        if copies and not all(await self._publisher.publish(copies)):
            raise PublishError("a retry or dead letter was not confirmed")  # unacknowledged: all come again
        for delivery, outcome in aside:
            (DEAD if self._is_dead(delivery, outcome) else RETRIED).labels(self._queue, outcome.error).inc()
        # wait=False still writes in order on this channel; one frame acknowledges the batch.
        await channel.basic_ack(batch[-1].tag, multiple=True, wait=False)

    def _copy(self, delivery: Delivery, outcome: Outcome) -> Message:
        dead = self._is_dead(delivery, outcome)
        target = dead_queue(self._queue) if dead else delay_queue(self._queue, self._delays[delivery.attempt])
        log.warning("consumer.put_aside", queue=self._queue, to=target, error=outcome.error, id=delivery.message_id)
        headers = {name: value for name, value in delivery.headers.items() if is_copied(name, value)}
        first = {"id": delivery.message_id, "user": delivery.user_id, "key": delivery.routing_key}
        asked = {"reply_to": delivery.reply_to, "correlation_id": delivery.correlation_id}
        first |= {name: value for name, value in asked.items() if value is not None}
        headers |= {ATTEMPT: delivery.attempt + 1, ERROR: outcome.error, FIRST: json.dumps(first)}
        return Message("", target, delivery.body, short_id(f"{delivery.message_id}#{delivery.tag}"), headers)

    def _is_dead(self, delivery: Delivery, outcome: Outcome) -> bool:
        return outcome.verdict == "dead" or delivery.attempt >= len(self._delays)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds * random.uniform(0.7, 1.3))


def _next_batch(waiting: deque[IncomingMessage]) -> list[Delivery]:
    """The next messages, about BATCH; a bundle is not divided, as one acknowledgement covers all of it."""
    batch: list[Delivery] = []
    while waiting and (len(batch) < BATCH or waiting[0].tag == batch[-1].tag):
        batch.append(Delivery(waiting.popleft()))
    return batch


def attempt_of(headers: dict[str, Any]) -> int:
    """How many times a message was retried before; 0 for a header that our services never write."""
    attempt = headers.get(ATTEMPT, 0)
    return attempt if isinstance(attempt, int) and 0 <= attempt < MAX_ATTEMPTS else 0


def is_copied(name: str, value: object) -> bool:
    """Whether a header is copied to a retried or dead message: only the event's own headers.

    A department may have set others, such as `CC`, and the broker would route the copy by them with our rights.
    """
    return name.startswith(COPIED) and isinstance(value, str | int)


def short_id(text: str) -> str:
    """The text if it can be a message id (AMQP's short string), else a hash of it."""
    return text if len(text.encode()) <= SHORT else hashlib.sha256(text.encode()).hexdigest()


def outcome_of(error: Exception) -> Outcome:
    """Dead for a message that cannot be read, retry for any other error."""
    unreadable = isinstance(error, MalformedEnvelopeError | ValueError)
    return Outcome("dead" if unreadable else "retry", type(error).__name__)
