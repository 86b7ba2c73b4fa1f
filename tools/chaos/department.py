"""A department's subscriber for fault runs: consumes its queue and counts, reconnecting after every fault."""

import asyncio
import contextlib
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote, urlsplit

import aio_pika
import aiormq

TROUBLE = (aiormq.AMQPError, OSError, TimeoutError, RuntimeError)


@dataclass
class Received:
    """The deliveries to the departments' queues: event ids by number, and the deliveries of each id."""

    routed: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    times: Counter[str] = field(default_factory=Counter)

    @property
    def repeats(self) -> int:
        """Repeated deliveries of an event, with the same id; a queue promises delivery at least once."""
        return sum(times - 1 for times in self.times.values())

    @property
    def doubled(self) -> list[str]:
        """Numbers that were routed by two different events."""
        return [number for number, ids in self.routed.items() if len(ids) > 1]


def address(amqp_url: str, user: str, password: str) -> str:
    """The broker's address with a department's own credentials."""
    parts = urlsplit(amqp_url)
    return f"amqp://{quote(user)}:{quote(password)}@{parts.hostname}:{parts.port}{parts.path}?heartbeat=5"


async def subscribe(url: str, queue: str, received: Received) -> None:
    """Consume `queue` until cancelled, connecting again as often as needed."""
    while True:
        with contextlib.suppress(*TROUBLE):
            connection = await aio_pika.connect(url, timeout=3)
            try:
                channel = await connection.channel()
                await channel.set_qos(prefetch_count=200)
                inbox = await channel.get_queue(queue)
                await inbox.consume(partial(take, received=received))
                while not connection.is_closed and not channel.is_closed:  # noqa: ASYNC110  # it has no event for both
                    await asyncio.sleep(0.2)
            finally:
                await connection.close()
        await asyncio.sleep(0.3)


async def take(message: aio_pika.abc.AbstractIncomingMessage, received: Received) -> None:
    """Note the event, then acknowledge it."""
    headers = message.headers
    event_id = str(headers["ce-id"])
    received.times[event_id] += 1
    if headers["ce-type"] == "request.routed.v1":
        received.routed[str(headers["ce-subject"])].add(event_id)
    await message.ack()
