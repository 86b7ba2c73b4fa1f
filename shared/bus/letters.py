"""Dead letters: read without removing them from their queue, and sent again one at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiormq.abc
from pamqp.commands import Basic

from shared.bus.connection import BrokerConnection
from shared.bus.consumer import ERROR, attempt_of

SEND_SECONDS = 5.0


@dataclass(frozen=True)
class Letter:
    """A message that could not be handled. It returns to its queue when the connection that read it closes."""

    queue: str
    message_id: str
    headers: Mapping[str, Any]
    body: bytes
    received: aiormq.abc.DeliveredMessage | None = field(default=None, repr=False)

    @property
    def type(self) -> str:
        """The event's type; empty where there is none."""
        return str(self.headers.get("ce-type", ""))

    @property
    def subject(self) -> str:
        """The id of the record that the event is about; empty where there is none."""
        return str(self.headers.get("ce-subject", ""))

    @property
    def attempt(self) -> int:
        """How many times it was retried before."""
        return attempt_of(dict(self.headers))

    @property
    def error(self) -> str:
        """The class of the error, or the broker's reason."""
        return str(self.headers.get(ERROR) or self.headers.get("x-first-death-reason") or "unknown")

    @property
    def died_at(self) -> datetime | None:
        """When the broker dead-lettered it; None where a service did."""
        deaths = self.headers.get("x-death") or [{}]
        at = deaths[0].get("time") if isinstance(deaths[0], dict) else None
        return at if isinstance(at, datetime) else None


async def count_letters(connection: BrokerConnection, queue: str) -> int:
    """How many letters there are. Raises broker trouble, also when there is no such queue."""
    declared = await connection.channel.queue_declare(queue, passive=True)
    return declared.message_count or 0


async def next_letter(connection: BrokerConnection, queue: str) -> Letter | None:
    """The oldest letter that this connection has not read yet, or None."""
    message = await connection.channel.basic_get(queue)
    if isinstance(message.delivery, Basic.GetEmpty):
        return None
    properties = message.header.properties
    return Letter(queue, properties.message_id or "", properties.headers or {}, message.body, message)


async def send_again(connection: BrokerConnection, letter: Letter, target: str, headers: Mapping[str, Any]) -> bool:
    """Publish a letter to the queue `target` with these headers; once confirmed, remove it from its own queue.

    False when the broker did not confirm it. Raises broker trouble, also when there is no queue `target`.
    """
    assert letter.received is not None
    sent = letter.received.header.properties
    properties = Basic.Properties(
        content_type=sent.content_type,
        delivery_mode=2,
        message_id=sent.message_id,
        correlation_id=sent.correlation_id,
        headers=dict(headers),
    )
    confirmed = await connection.channel.basic_publish(
        letter.body, routing_key=target, properties=properties, mandatory=True, timeout=SEND_SECONDS
    )
    if not isinstance(confirmed, Basic.Ack):
        return False
    await connection.channel.basic_ack(letter.received.delivery_tag or 0)
    return True
