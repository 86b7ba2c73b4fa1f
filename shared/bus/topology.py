"""Exchanges and queues as data, and their declaration, which works on RabbitMQ 3.10 and 4.x.

A service queue `q` has delay queues `q.retry.5s`, ... (message TTL, back to `q`) and `q.dead`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import aiormq.abc

EVENTS = "rabta.events"
ACTIONS = "rabta.actions"
LIVE = "rabta.live"
EXCHANGES = {EVENTS: "topic", ACTIONS: "topic", LIVE: "fanout"}
DELIVERY_LIMIT = 50
NO_LIMIT = 1_000_000_000
"""A delivery limit that is never reached: RabbitMQ 4 has a default of 20, and 3.10 does not accept -1."""


@dataclass(frozen=True)
class Queue:
    """A durable queue and its arguments."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Binding:
    """`queue` gets messages published to `exchange` with a routing key that matches `key`."""

    queue: str
    exchange: str
    key: str


@dataclass(frozen=True)
class Topology:
    """The queues and bindings that one process needs before it publishes or consumes."""

    queues: tuple[Queue, ...] = ()
    bindings: tuple[Binding, ...] = ()

    async def declare(self, channel: aiormq.abc.AbstractChannel) -> None:
        """Declare them all; declaring an existing one again changes nothing."""
        for exchange, kind in EXCHANGES.items():
            await channel.exchange_declare(exchange, exchange_type=kind, durable=True)
        for queue in self.queues:
            await channel.queue_declare(queue.name, durable=True, arguments=queue.arguments)
        for binding in self.bindings:
            await channel.queue_bind(binding.queue, binding.exchange, binding.key)


def quorum(dead_letter_to: str | None = None, **more: Any) -> dict[str, Any]:
    """Arguments of a quorum queue that dead-letters at least once.

    Without `reject-publish` RabbitMQ falls back to at-most-once dead-lettering silently.
    """
    arguments: dict[str, Any] = {"x-queue-type": "quorum", **more}
    if dead_letter_to:
        arguments |= {
            "x-dead-letter-exchange": "",
            "x-dead-letter-routing-key": dead_letter_to,
            "x-dead-letter-strategy": "at-least-once",
            "x-overflow": "reject-publish",
        }
    return arguments


def delay_queue(queue: str, seconds: float) -> str:
    """The name of the queue that delays a retry by `seconds`."""
    return f"{queue}.retry.{seconds:g}s"


def dead_queue(queue: str) -> str:
    """The name of the queue of dead letters."""
    return f"{queue}.dead"


def letters_of(queue: str) -> Queue:
    """The queue of a queue's dead letters. Reading a letter returns it to the queue, so its delivery limit is high."""
    return Queue(dead_queue(queue), quorum(None, **{"x-delivery-limit": 1_000_000}))


def work_queues(name: str, delays: Iterable[float]) -> list[Queue]:
    """A queue with its delay queues and its dead letters."""
    ladder = [Queue(delay_queue(name, delay), quorum(name, **{"x-message-ttl": int(delay * 1000)})) for delay in delays]
    work = Queue(name, quorum(dead_queue(name), **{"x-delivery-limit": DELIVERY_LIMIT}))
    return [letters_of(name), work, *ladder]


def consumer_topology(queue: str, types: Sequence[str], delays: Sequence[float], *, exchange: str = EVENTS) -> Topology:
    """The queue of a consumer, bound to the routing keys `types` of `exchange`."""
    bindings = tuple(Binding(queue, exchange, key) for key in types)
    return Topology(tuple(work_queues(queue, delays)), bindings)


def department_queue(code: str) -> Queue:
    """The queue of a department; its name is also that of the department's first AMQP user.

    Its software may return messages any number of times while it cannot process them; what it rejects is a dead letter.
    """
    return queue_of_department(f"department.{code}")


def queue_of_department(name: str) -> Queue:
    """A queue of a department by its full name: its own one or a further one."""
    return Queue(name, quorum(dead_queue(name), **{"x-delivery-limit": NO_LIMIT}))
