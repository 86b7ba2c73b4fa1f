"""One connection to the broker with one channel. After a loss the caller opens a new one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aio_pika
import aiormq
import aiormq.channel
from aio_pika.connection import make_url

from shared.bus.confirms import Confirms
from shared.bus.stream import InterceptingTransport, Readers

HEARTBEAT = 10
CONNECT_TIMEOUT = 5.0

# Errors that mean that the broker is not reachable; any other is a bug of ours.
BROKER_TROUBLE = (aiormq.AMQPError, ConnectionError, OSError, TimeoutError, RuntimeError)

NO_READERS = Readers()


@dataclass(frozen=True)
class BrokerConnection:
    """An open channel with publisher confirms; unroutable messages fail their publish."""

    channel: aiormq.channel.Channel
    confirms: Confirms

    @property
    def is_closed(self) -> bool:
        """Whether the channel or its connection is gone."""
        return bool(self.channel.is_closed) or bool(self.channel.connection.is_closed)


@asynccontextmanager
async def open_connection(url: str, name: str, readers: Readers = NO_READERS) -> AsyncIterator[BrokerConnection]:
    """Connect to the broker as `name` (shown in its management pages) and open one channel.

    Not aio_pika's robust connection, on purpose: the caller reconnects and declares its topology again, which also
    repairs a broker that came back empty.
    """
    connection = aio_pika.Connection(make_url(url, heartbeat=HEARTBEAT, name=name))
    connection.kwargs["transport_factory"] = InterceptingTransport(readers)
    try:
        # Closed also when this fails: one that is only dropped stays open until it is garbage-collected.
        await connection.connect(timeout=CONNECT_TIMEOUT)
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        underlay = await channel.get_underlay_channel()
        assert isinstance(underlay, aiormq.channel.Channel)  # the publisher uses its lock and write queue
        confirms = readers.confirms or Confirms()
        underlay.closing.add_done_callback(lambda _: confirms.lost())
        yield BrokerConnection(underlay, confirms)
    except asyncio.CancelledError:
        # When heartbeats fail, the client library cancels what waits for the broker: that is not our own shutdown.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise ConnectionError("the connection to the broker was lost") from None
    finally:
        await connection.close()
