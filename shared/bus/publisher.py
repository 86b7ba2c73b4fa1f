"""Publishing with confirms, many at a time over one channel. A publish counts only when the broker said so."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiormq.abc import ChannelFrame
from aiormq.exceptions import DeliveryError
from pamqp.body import ContentBody
from pamqp.commands import Basic
from pamqp.header import ContentHeader

from shared.bus.connection import BROKER_TROUBLE, Line, open_line
from shared.bus.topology import EVENTS, Topology
from shared.envelope import Envelope

PUBLISH_TIMEOUT = 5.0
PERSISTENT = 2
BODY_FRAME = 100_000
"""Bytes of body in one frame; brokers grant 131,072 with the frame around it."""

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


def frames_of(message: Message) -> list[Any]:
    """The AMQP frames of a message: method, header, body."""
    properties = Basic.Properties(
        content_type="application/json",
        delivery_mode=PERSISTENT if message.persistent else 1,
        message_id=message.message_id,
        correlation_id=message.correlation_id,
        headers=message.headers,
    )
    publish = Basic.Publish(exchange=message.exchange, routing_key=message.key, mandatory=message.mandatory)
    pieces = range(0, len(message.body), BODY_FRAME)
    bodies = [ContentBody(message.body[start : start + BODY_FRAME]) for start in pieces]
    return [publish, ContentHeader(properties=properties, body_size=len(message.body)), *bodies]


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
        if not messages:
            return []
        try:
            line = await self.open()
        except (*BROKER_TROUBLE, asyncio.CancelledError) as error:
            # The client also cancels what waits on a connection that is lost; that is not our shutdown.
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            log.warning("bus.unreachable", error=type(error).__name__)
            return [False] * len(messages)
        results = await self._publish_together(line, messages)
        # On heartbeat loss the client cancels pending publishes; that is trouble, not our shutdown.
        failed = [error for error in results if isinstance(error, BaseException)]
        if failed:
            log.warning("bus.not_confirmed", count=len(failed), error=type(failed[0]).__name__)
            if not all(isinstance(error, DeliveryError) for error in failed):
                await self._drop(line)
        return [isinstance(result, Basic.Ack) for result in results]

    async def publish_events(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Publish events to everybody who is bound and to the queues they name; True where all have it."""
        groups = [messages_of(envelope) for envelope in envelopes]
        confirmed = iter(await self.publish([message for group in groups for message in group]))
        return [all([next(confirmed) for _ in group]) for group in groups]  # noqa: C419  # each is taken from the iterator

    async def close(self) -> None:
        """Close the connection."""
        async with self._opening:
            await self._close()

    async def _publish_together(self, line: Line, messages: Sequence[Message]) -> list[object]:
        """Write all messages to the socket at once and wait for their confirms: an Ack or an error for each.

        The client's own publish takes a task, a lock and a write for each message; together they cost a third.
        """
        channel = line.channel
        confirmations: list[asyncio.Future[object]] = []
        try:
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                # Encoded before anything is counted: a message that cannot be leaves the channel as it was.
                frames = [frame for message in messages for frame in frames_of(message)]
                payload = ChannelFrame.marshall(frames=frames, channel_number=channel.number)
                async with channel.lock:
                    for message in messages:
                        channel.delivery_tag += 1
                        confirmation = channel.create_future()
                        channel.confirmations[channel.delivery_tag] = confirmation
                        channel.message_id_delivery_tag[message.message_id] = channel.delivery_tag
                        confirmations.append(confirmation)
                    await channel.write_queue.put(payload)
                await asyncio.wait(confirmations)
        except TimeoutError as error:
            return [
                c.result() if c.done() and not c.cancelled() and not c.exception() else error for c in confirmations
            ]
        except BROKER_TROUBLE as error:
            return [error] * len(messages)
        finally:
            for message in messages:
                channel.message_id_delivery_tag.pop(message.message_id, None)
        return list(await asyncio.gather(*confirmations, return_exceptions=True))

    async def _drop(self, line: Line) -> None:
        async with self._opening:
            if self._line is line:
                await self._close()

    async def _close(self) -> None:
        self._line = None
        stack, self._stack = self._stack, AsyncExitStack()
        with suppress(*BROKER_TROUBLE, asyncio.CancelledError):
            await asyncio.wait_for(stack.aclose(), PUBLISH_TIMEOUT)
