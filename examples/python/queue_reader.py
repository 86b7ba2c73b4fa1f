"""Takes messages from a department's queue and prints them. Needs `pip install aio-pika`; `subscriber.py` does more."""

import asyncio
import json
import os

import aio_pika


def store(number: int, message: dict[str, object]) -> None:
    """Store it under its `ce-id`, in your database: the same id may come again."""
    print(number, message, flush=True)


async def main() -> None:
    """Take messages until stopped; the connection comes back by itself."""
    async with await aio_pika.connect_robust(os.environ["RABTA_AMQP_URL"]) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=50)
        queue = await channel.get_queue(os.environ["RABTA_QUEUE"])
        async with queue.iterator() as messages:
            print("listening on", queue.name, flush=True)
            async for message in messages:
                store(int(str(message.headers.get("ce-number", 0))), json.loads(message.body))
                await message.ack()  # only when it is stored


asyncio.run(main())
