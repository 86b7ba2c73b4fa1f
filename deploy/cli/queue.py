"""A department's side of the broker: consumes its queue and publishes its actions."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import aiormq.abc
from pamqp.commands import Basic

from deploy.local.errors import LocalError
from shared.bus import ACTIONS, Delivery, IncomingMessage
from shared.bus.connection import BROKER_TROUBLE, BrokerConnection, open_connection
from shared.bus.stream import Readers, never
from shared.department_users import SECOND_USER

PUBLISH_SECONDS, FIRST_SECONDS = 5.0, 30.0
PAUSE = 0.5


class QueueAwayError(LocalError):
    """The queue could not be opened: wrong address or credentials, or no broker."""


@dataclass(frozen=True)
class Received:
    """A delivery, and its arrival on the monotonic clock."""

    delivery: Delivery
    at: float
    channel: aiormq.abc.AbstractChannel

    @property
    def type(self) -> str:
        """The type of the event."""
        return str(self.delivery.headers.get("ce-type", ""))

    @property
    def id(self) -> str:
        """The event's id, the same for each delivery."""
        return str(self.delivery.headers.get("ce-id", ""))

    @property
    def subject(self) -> str:
        """The tracking number."""
        return str(self.delivery.headers.get("ce-subject", ""))

    @property
    def body(self) -> dict[str, Any]:
        """The event's data. Raises ValueError if it is not a JSON object."""
        data = json.loads(self.delivery.body)
        if not isinstance(data, dict):
            raise ValueError("not an object")
        return data

    async def ack(self) -> None:
        """Acknowledge it; if the connection is lost, it is redelivered and recognised as a duplicate."""
        if not self.channel.is_closed:
            await self.channel.basic_ack(self.delivery.tag, wait=False)


class DepartmentQueue:
    """A department's queue, which reconnects while it runs. `url` contains the department's credentials."""

    def __init__(self, url: str, user: str, *, prefetch: int) -> None:
        self._url = url
        self._user = user
        self._queue = user.removesuffix(SECOND_USER)
        self._prefetch = prefetch
        self._connection: BrokerConnection | None = None
        self._opened = False
        """Whether the queue could be opened before: from then on every fault is one that passes."""
        self.consuming = asyncio.Event()

    async def run(self, receive: Callable[[Received], Awaitable[None]]) -> None:
        """Pass each delivery to `receive` in its own task, until cancelled.

        Raises QueueAwayError if the queue cannot be opened the first time.
        """
        first_try = time.monotonic()
        while True:
            try:
                await self._session(receive)
            except BROKER_TROUBLE as error:
                if not self._opened and time.monotonic() - first_try > FIRST_SECONDS:
                    raise QueueAwayError(f"{self._queue}: the queue cannot be opened ({error})") from None
            finally:
                self.consuming.clear()
                self._connection = None
            await asyncio.sleep(PAUSE)

    async def act(self, act_id: str, number: str, action: str, **more: str) -> None:
        """Publish an action until the broker confirms it; the same id is processed only once."""
        body = json.dumps({"request": number, "action": action, **more}, ensure_ascii=False).encode()
        while True:
            if await self._published(act_id, body):
                return
            await asyncio.sleep(PAUSE)

    async def _session(self, receive: Callable[[Received], Awaitable[None]]) -> None:
        handling: set[asyncio.Task[None]] = set()

        def deliver(message: IncomingMessage) -> None:
            assert self._connection is not None
            received = Received(Delivery(message), time.monotonic(), self._connection.channel)
            task = asyncio.ensure_future(receive(received))
            handling.add(task)
            task.add_done_callback(handling.discard)

        async with open_connection(self._url, self._user, Readers(deliver)) as connection:
            channel, ended = connection.channel, asyncio.Event()
            channel.on_consumer_cancel_callbacks.add(lambda _: ended.set())
            await channel.basic_qos(prefetch_count=self._prefetch)
            self._connection = connection
            await channel.basic_consume(self._queue, never)
            self._opened = True
            self.consuming.set()
            gone = asyncio.ensure_future(ended.wait())
            try:
                await asyncio.wait([gone, channel.closing], return_when=asyncio.FIRST_COMPLETED)
            finally:
                gone.cancel()

    async def _published(self, act_id: str, body: bytes) -> bool:
        await self.consuming.wait()
        connection = self._connection
        if connection is None:
            return False
        properties = Basic.Properties(
            content_type="application/json", delivery_mode=2, message_id=act_id, user_id=self._user
        )
        try:
            confirmed = await connection.channel.basic_publish(
                body,
                exchange=ACTIONS,
                routing_key=self._queue,
                properties=properties,
                mandatory=True,
                timeout=PUBLISH_SECONDS,
            )
        except BROKER_TROUBLE:
            return False
        except asyncio.CancelledError:
            # On a lost heartbeat the client cancels pending publishes; this is a fault, not our cancellation.
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            return False
        return isinstance(confirmed, Basic.Ack)
