"""The department side of a bench run: takes events off the queues and notes when each request arrived."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika


class Arrivals:
    """When each request (by its ce-subject, or message id for the floor) arrived at a department's queue."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self.repeats = 0
        self._arrived = asyncio.Event()

    def note(self, message: aio_pika.abc.AbstractIncomingMessage) -> None:
        """Note one delivery, by this process's clock."""
        key = str(message.headers.get("ce-subject") or message.message_id)
        if key in self.at:
            self.repeats += 1
        self.at[key] = time.perf_counter()
        self._arrived.set()

    async def reach(self, count: int, patience: float) -> bool:
        """Wait until that many different requests have arrived; False if they have not after `patience` seconds."""
        end = time.monotonic() + patience
        while len(self.at) < count and time.monotonic() < end:
            self._arrived.clear()
            try:
                await asyncio.wait_for(self._arrived.wait(), max(0.1, end - time.monotonic()))
            except TimeoutError:
                break
        return len(self.at) >= count


@asynccontextmanager
async def receiving(url: str, queues: list[str]) -> AsyncIterator[Arrivals]:
    """Consume the queues with batched acknowledgements, like a busy department."""
    arrivals = Arrivals()
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await (await connection.channel()).get_underlay_channel()
        await channel.basic_qos(prefetch_count=500)
        last = 0

        async def take(message: object) -> None:
            nonlocal last
            incoming = aio_pika.IncomingMessage(message)  # type: ignore[arg-type]
            arrivals.note(incoming)
            last += 1
            if last % 50 == 0:
                await channel.basic_ack(incoming.delivery_tag or 0, multiple=True, wait=False)

        for queue in queues:
            await channel.basic_consume(queue, take)
        yield arrivals
