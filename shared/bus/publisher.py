"""Publishing with confirms, many messages at a time over one channel."""

import asyncio
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress

import structlog
from aiormq.abc import ChannelFrame

from shared.bus.bundles import bundled
from shared.bus.confirms import Confirms
from shared.bus.connection import BROKER_TROUBLE, BrokerConnection, open_connection
from shared.bus.frames import Message, frames_of
from shared.bus.stream import Readers
from shared.bus.topology import EVENTS, Topology
from shared.envelope import Envelope

PUBLISH_TIMEOUT = 5.0

log = structlog.get_logger(__name__)


class PublishError(ConnectionError):
    """The broker did not confirm: refused, unroutable, or unknown. Publishing again is safe."""


def event_message(envelope: Envelope) -> Message:
    """The message of an event for all queues that are bound to its type."""
    return Message(EVENTS, envelope.type, envelope.data, envelope.id, envelope.headers(), envelope.subject)


def messages_of(envelope: Envelope) -> list[Message]:
    """One message for all queues bound to the event's type, and one for each queue that it names."""
    message = event_message(envelope)
    copies = [
        Message("", queue, envelope.data, f"{envelope.id}>{queue}", message.headers, envelope.subject)
        for queue in envelope.queues
    ]
    return [message, *copies]


class Publisher:
    """Publishes over its own connection, opened when needed and again when lost."""

    def __init__(self, url: str, name: str, topology: Topology) -> None:
        self._url = url
        self._name = name
        self._topology = topology
        self._connection: BrokerConnection | None = None
        self._stack = AsyncExitStack()
        self._opening = asyncio.Lock()

    async def open(self) -> BrokerConnection:
        """The open connection; connects and declares the topology first where there is none. Raises BROKER_TROUBLE."""
        async with self._opening:
            if self._connection is None or self._connection.is_closed:
                await self._close()
                readers = Readers(confirms=Confirms())
                connection = await self._stack.enter_async_context(
                    open_connection(self._url, f"{self._name}-publisher", readers)
                )
                await self._topology.declare(connection.channel)
                self._connection = connection
            return self._connection

    async def publish(self, messages: Sequence[Message]) -> list[bool]:
        """Publish all and wait for the confirms: True where the broker has stored the message.

        Events of one type share messages (`shared.bus.bundles`); those of one subject keep their order.
        False means refused, unroutable or unknown (it may still arrive): publish again later.
        """
        if not messages:
            return []
        try:
            connection = await self.open()
        except (*BROKER_TROUBLE, asyncio.CancelledError) as error:
            # The client library also cancels what waits on a lost connection; that is not our shutdown.
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            log.warning("bus.unreachable", error=type(error).__name__)
            return [False] * len(messages)
        bundles, places = bundled(messages)
        confirmed, trouble = await self._publish_together(connection, bundles)
        safe = [confirmed[place] for place in places]
        if not all(safe):
            log.warning("bus.not_confirmed", count=safe.count(False), error=trouble or "Refused")
        if trouble:
            await self._drop(connection)
        return safe

    async def publish_events(self, envelopes: Sequence[Envelope]) -> list[bool]:
        """Publish events to all bound queues and to the queues that they name; True where all have it."""
        groups = [messages_of(envelope) for envelope in envelopes]
        confirmed = iter(await self.publish([message for group in groups for message in group]))
        return [all([next(confirmed) for _ in group]) for group in groups]  # noqa: C419  # each is taken from the iterator

    async def close(self) -> None:
        """Close the connection."""
        async with self._opening:
            await self._close()

    async def _publish_together(
        self, connection: BrokerConnection, messages: Sequence[Message]
    ) -> tuple[list[bool], str]:
        """Write all messages to the socket at once and wait for their confirms: which are safe, and the error if any.

        The client's own publish takes a task, a lock and a write for each message, a third of the time.
        """
        channel = connection.channel
        ids = [message.message_id for message in messages]
        safe = [False] * len(messages)
        try:
            # Encoded before anything is registered: a message that cannot be encoded leaves the channel unchanged.
            payload = b"".join(frames_of(message, channel.number) for message in messages)
            async with asyncio.timeout(PUBLISH_TIMEOUT):
                async with channel.lock:
                    batch = connection.confirms.expect(ids)
                    safe = batch.safe
                    await channel.write_queue.put(ChannelFrame(payload, should_close=False))
                await batch.settled
            return safe, "" if batch.complete else "ConnectionLost"
        except BROKER_TROUBLE as error:
            return safe, type(error).__name__
        finally:
            connection.confirms.forget(ids)

    async def _drop(self, connection: BrokerConnection) -> None:
        async with self._opening:
            if self._connection is connection:
                await self._close()

    async def _close(self) -> None:
        self._connection = None
        stack, self._stack = self._stack, AsyncExitStack()
        with suppress(*BROKER_TROUBLE, asyncio.CancelledError):
            await asyncio.wait_for(stack.aclose(), PUBLISH_TIMEOUT)
