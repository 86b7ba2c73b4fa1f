"""Wake-ups: small messages to every gateway process with live streams. Each process has its own temporary queue;
messages may be lost, so listeners must not depend on them.
"""

import asyncio
import json
import random
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any

import aiormq.abc
import structlog

from shared.bus.connection import BROKER_TROUBLE, open_connection
from shared.bus.frames import Message
from shared.bus.publisher import Publisher
from shared.bus.topology import LIVE, Topology

MAX_WAITING = 10_000

log = structlog.get_logger(__name__)


class WakeUps:
    """Collects the ids that something happened to, and publishes them to every gateway; run it as a task.

    A wake-up may be lost: streams also poll every few seconds. Ids noted within `pause` seconds share one message.
    """

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._ids: defaultdict[str, set[str]] = defaultdict(set)
        self._noted = asyncio.Event()

    def note(self, kind: str, ids: Iterable[str]) -> None:
        """Note that something happened to these ids."""
        self._ids[kind].update(ids)
        self._noted.set()

    async def run(self, publisher: Publisher) -> None:
        """Publish until cancelled."""
        while True:
            await self._noted.wait()
            self._noted.clear()
            body = json.dumps({kind: sorted(ids) for kind, ids in self._ids.items()}).encode()
            self._ids.clear()
            message = Message(LIVE, "", body, secrets.token_hex(8), persistent=False, mandatory=False)
            await publisher.publish([message])
            await asyncio.sleep(self._pause)


async def listen(
    url: str,
    on_wake: Callable[[dict[str, Any]], None],
    stopping: asyncio.Event,
    *,
    on_listening: Callable[[bool], None] = lambda _: None,
) -> None:
    """Pass the body of each wake-up to `on_wake` until `stopping`, reconnecting after each loss.

    `on_listening` is called with True once the queue exists, and with False when it is lost.
    """
    failures = 0
    while not stopping.is_set():
        try:
            await _session(url, on_wake, stopping, on_listening)
            failures = 0
        except (*BROKER_TROUBLE, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            failures += 1
            log.warning("live.reconnecting", error=type(error).__name__)
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), min(0.2 * 2**failures, 3.0) * random.uniform(0.7, 1.3))
        finally:
            on_listening(False)


async def _session(
    url: str, on_wake: Callable[[dict[str, Any]], None], stopping: asyncio.Event, on_listening: Callable[[bool], None]
) -> None:
    async def receive(message: aiormq.abc.DeliveredMessage) -> None:
        try:
            body = json.loads(message.body)
        except ValueError:
            body = None
        if isinstance(body, dict):
            on_wake(body)

    async with open_connection(url, "gateway-live") as connection:
        channel = connection.channel
        await Topology().declare(channel)
        declared = await channel.queue_declare(
            "", exclusive=True, auto_delete=True, arguments={"x-max-length": MAX_WAITING}
        )
        queue = str(declared.queue)
        await channel.queue_bind(queue, LIVE, "")
        queue_deleted = asyncio.Event()
        channel.on_consumer_cancel_callbacks.add(lambda _: queue_deleted.set())
        await channel.basic_consume(queue, receive, no_ack=True)
        on_listening(True)
        waits = [asyncio.ensure_future(stopping.wait()), asyncio.ensure_future(queue_deleted.wait())]
        try:
            await asyncio.wait([*waits, channel.closing], return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
        if not stopping.is_set():
            raise ConnectionError("the live queue was deleted")
