"""One connection to the broker, opened for one purpose; who needs it again opens a new one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import aio_pika
import aiormq
import aiormq.channel

HEARTBEAT = 10
CONNECT_TIMEOUT = 5.0

# What means "the broker is not reachable just now"; everything else is a fault of ours.
BROKER_TROUBLE = (aiormq.AMQPError, ConnectionError, OSError, TimeoutError, RuntimeError)


@dataclass(frozen=True)
class Line:
    """An open channel with publisher confirms; unroutable messages fail their publish."""

    channel: aiormq.channel.Channel

    @property
    def is_closed(self) -> bool:
        """Whether the channel or its connection is gone."""
        return bool(self.channel.is_closed) or bool(self.channel.connection.is_closed)


@asynccontextmanager
async def open_line(url: str, name: str) -> AsyncIterator[Line]:
    """Connect to the broker as `name` (shown in its management pages) and open one channel.

    Plain connections on purpose: who uses a line supervises it, declares its topology again after each
    reconnect, and so also heals a broker that came back empty.
    """
    separator = "&" if "?" in url else "?"
    connection = await aio_pika.connect(f"{url}{separator}heartbeat={HEARTBEAT}&name={name}", timeout=CONNECT_TIMEOUT)
    try:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        underlay = await channel.get_underlay_channel()
        assert isinstance(underlay, aiormq.channel.Channel)  # its publish can leave out the wait for the socket
        yield Line(underlay)
    finally:
        await connection.close()
