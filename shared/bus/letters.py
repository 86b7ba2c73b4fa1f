"""Dead letters: looked at without taking them off their queue, and sent on their way again one at a time."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import aiormq.abc
from pamqp.commands import Basic

from shared.bus.connection import Line
from shared.bus.consumer import ERROR, attempt_of

SEND_SECONDS = 5.0


@dataclass(frozen=True)
class Letter:
    """A message that nobody could handle. It goes back to its queue when the line that it was read by closes."""

    queue: str
    message_id: str
    headers: Mapping[str, Any]
    body: bytes
    received: aiormq.abc.DeliveredMessage | None = field(default=None, repr=False)

    @property
    def type(self) -> str:
        """The event's type; empty when it says none."""
        return str(self.headers.get("ce-type", ""))

    @property
    def subject(self) -> str:
        """The id of the record that the event is about; empty when it says none."""
        return str(self.headers.get("ce-subject", ""))

    @property
    def attempt(self) -> int:
        """How often it was put aside and sent again before."""
        return attempt_of(dict(self.headers))

    @property
    def error(self) -> str:
        """The class of the error, or the broker's reason."""
        return str(self.headers.get(ERROR) or self.headers.get("x-first-death-reason") or "unknown")

    @property
    def died_at(self) -> datetime | None:
        """When the broker put it aside; None where it did not."""
        deaths = self.headers.get("x-death") or [{}]
        at = deaths[0].get("time") if isinstance(deaths[0], dict) else None
        return at if isinstance(at, datetime) else None


async def count_letters(line: Line, queue: str) -> int:
    """How many letters there are. Raises broker trouble, also when there is no such queue."""
    declared = await line.channel.queue_declare(queue, passive=True)
    return declared.message_count or 0


async def next_letter(line: Line, queue: str) -> Letter | None:
    """The oldest letter that this line has not read; None when there is none."""
    message = await line.channel.basic_get(queue)
    if isinstance(message.delivery, Basic.GetEmpty):
        return None
    properties = message.header.properties
    return Letter(queue, properties.message_id or "", properties.headers or {}, message.body, message)


async def send_again(line: Line, letter: Letter, target: str, headers: Mapping[str, Any]) -> bool:
    """Put a letter on the queue `target` with these headers: confirmed first, then taken off its own.

    False when the broker did not take it. Raises broker trouble, also when there is no queue `target`.
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
    confirmed = await line.channel.basic_publish(
        letter.body, routing_key=target, properties=properties, mandatory=True, timeout=SEND_SECONDS
    )
    if not isinstance(confirmed, Basic.Ack):
        return False
    await line.channel.basic_ack(letter.received.delivery_tag or 0)
    return True
