"""Publishing with confirms, many at a time over one channel. A publish counts only when the broker said so."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from pamqp.commands import Basic

from shared.bus.connection import BROKER_TROUBLE, Line, open_line
from shared.bus.topology import EVENTS, Topology
from shared.envelope import Envelope

PUBLISH_TIMEOUT = 5.0
PERSISTENT = 2

log = structlog.get_logger(__name__)


class PublishError(ConnectionError):
    """The broker did not confirm: refused, unroutable, or in doubt. Publishing again is safe."""


@dataclass(frozen=True, slots=True)
class Message:
    """A message for an exchange ("" with a queue's name as key goes to that queue)."""

    exchange: str
    key: str
    body: bytes
    message_id: str
    """Unique among the messages in flight: the broker's returns are matched by it."""
    headers: dict[str, Any] = field(default_factory=dict)
    correlation_id: str | None = None
    persistent: bool = True
    mandatory: bool = True


def messages_of(envelope: Envelope) -> list[Message]:
    """One message to everybody bound to the event's type, and one to the queue it names."""
    headers = envelope.headers()
    everybody = Message(EVENTS, envelope.type, envelope.data, envelope.id, headers, envelope.subject)
    if envelope.queue is None:
        return [everybody]
    copy = Message("", envelope.queue, envelope.data, f"{envelope.id}>{envelope.queue}", headers, envelope.subject)
    return [everybody, copy]


class Publisher:
    """Publishes over one connection of its own, opened when needed and again when lost."""

    def __init__(self, url: str, name: str, topology: Topology) -> None:
        self._url = url
        self._name = name
        self._topology = topology
        self._line: Line | None = None
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()

    async def open(self) -> Line:
        """The open line; connects and declares the topology first when there is none. Raises broker trouble."""
        async with self._opening:
            if self._line is None or self._line.is_closed:
                await self._close()
                line = await self._stack.enter_async_context(open_line(self._url, f"{self._name}-publisher"))
                await self._topology.declare(line.channel)
                self._line = line
            return self._line

    async def publish(self, messages: Sequence[Message]) -> list[bool]:
        """Publish all, in order, and wait for the confirms: True where the broker has the message safely.

        False means refused, unroutable or in doubt (it may still arrive): publish again later.
        """
        try:
            line = await self.open()
        except BROKER_TROUBLE as error:
            log.warning("bus.unreachable", error=type(error).__name__)
            return [False] * len(messages)
        results = await asyncio.gather(*(self._publish(line, message) for message in messages), return_exceptions=True)
        # On heartbeat loss the client cancels pending publishes; that is trouble, not our shutdown.
        failed = [error for error in results if isinstance(error, BaseException)]
        if failed:
            log.warning("bus.not_confirmed", count=len(failed), error=type(failed[0]).__name__)
            if not all(isinstance(error, PublishError) for error in failed):
                await self._drop(line)
        return [not isinstance(result, BaseException) for result in results]

    async def publish_events(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Publish events to everybody who is bound and to the queues they name; True where all have it."""
        groups = [messages_of(envelope) for envelope in envelopes]
        confirmed = iter(await self.publish([message for group in groups for message in group]))
        return [all([next(confirmed) for _ in group]) for group in groups]  # noqa: C419  # each is taken from the iterator

    async def close(self) -> None:
        """Close the connection."""
        async with self._opening:
            await self._close()

    async def _publish(self, line: Line, message: Message) -> None:
        properties = Basic.Properties(
            content_type="application/json",
            delivery_mode=PERSISTENT if message.persistent else 1,
            message_id=message.message_id,
            correlation_id=message.correlation_id,
            headers=message.headers,
        )
        confirmation = await line.channel.basic_publish(
            message.body,
            exchange=message.exchange,
            routing_key=message.key,
            properties=properties,
            mandatory=message.mandatory,
            timeout=PUBLISH_TIMEOUT,
            wait=False,
        )
        if not isinstance(confirmation, Basic.Ack):
            raise PublishError(type(confirmation).__name__)

    async def _drop(self, line: Line) -> None:
        async with self._opening:
            if self._line is line:
                await self._close()

    async def _close(self) -> None:
        self._line = None
        stack, self._stack = self._stack, AsyncExitStack()
        with suppress(*BROKER_TROUBLE, asyncio.CancelledError):
            await asyncio.wait_for(stack.aclose(), PUBLISH_TIMEOUT)
