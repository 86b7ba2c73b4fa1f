"""One connection to the broker, opened for one purpose; who needs it again opens a new one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aio_pika
import aiormq
import aiormq.channel
from aio_pika.connection import make_url

from shared.bus.confirms import Confirms
from shared.bus.stream import KeepingTransport, Readers

HEARTBEAT = 10
CONNECT_TIMEOUT = 5.0

# What means "the broker is not reachable just now"; everything else is a fault of ours.
BROKER_TROUBLE = (aiormq.AMQPError, ConnectionError, OSError, TimeoutError, RuntimeError)


NOBODY = Readers()


@dataclass(frozen=True)
class Line:
    """An open channel with publisher confirms; unroutable messages fail their publish."""

    channel: aiormq.channel.Channel
    confirms: Confirms

    @property
    def is_closed(self) -> bool:
        """Whether the channel or its connection is gone."""
        return bool(self.channel.is_closed) or bool(self.channel.connection.is_closed)


@asynccontextmanager
async def open_line(url: str, name: str, readers: Readers = NOBODY) -> AsyncIterator[Line]:
    """Connect to the broker as `name` (shown in its management pages) and open one channel.

    Plain connections on purpose: who uses a line supervises it, declares its topology again after each
    reconnect, and so also heals a broker that came back empty.
    """
    connection = aio_pika.Connection(make_url(url, heartbeat=HEARTBEAT, name=name))
    connection.kwargs["transport_factory"] = KeepingTransport(readers)
    try:
        # Closed also when this fails: a connection that is only forgotten closes itself whenever it is collected.
        await connection.connect(timeout=CONNECT_TIMEOUT)
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        underlay = await channel.get_underlay_channel()
        assert isinstance(underlay, aiormq.channel.Channel)  # its publish can leave out the wait for the socket
        confirms = readers.confirms or Confirms()
        underlay.closing.add_done_callback(lambda _: confirms.lost())
        yield Line(underlay, confirms)
    except asyncio.CancelledError:
        # When heartbeats fail, the client library cancels what waits for the broker: a lost line, not our own shutdown.
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise ConnectionError("the connection to the broker was lost") from None
    finally:
        await connection.close()
