"""Dead letters on the broker: found, looked at without taking them, and moved back one at a time."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aiohttp
import aiormq.abc
from aiormq.exceptions import PublishError
from pamqp.commands import Basic

from deploy.cli.place import Place
from deploy.local.errors import LocalError
from shared.bus.connection import BROKER_TROUBLE, Line, Strangers, open_line
from shared.bus.consumer import ATTEMPT, ERROR, FIRST
from shared.bus.topology import dead_queue

SUFFIX = dead_queue("")
ACTIONS_DEAD = dead_queue("routing.actions")
MARKS = (ATTEMPT, ERROR, "x-delivery-count", "x-acquired-count", "CC", "BCC")
"""Headers of the way that a letter went, and those by which its sender would name more queues for it."""
PUBLISH_SECONDS = 5.0


@dataclass(frozen=True)
class Letter:
    """A message that nobody could handle."""

    queue: str
    message_id: str
    headers: Mapping[str, Any]
    body: bytes

    @property
    def type(self) -> str:
        """The event's type; empty when it says none."""
        return str(self.headers.get("ce-type", ""))

    @property
    def error(self) -> str:
        """The class of the error, or the broker's reason."""
        return str(self.headers.get(ERROR) or self.headers.get("x-first-death-reason") or "unknown")

    @property
    def since(self) -> str:
        """When it died, where the broker noted that, else when the event happened; empty when nothing says."""
        deaths = self.headers.get("x-death") or [{}]
        at = deaths[0].get("time") if isinstance(deaths[0], dict) else None
        return at.isoformat() if isinstance(at, datetime) else str(self.headers.get("ce-time", ""))

    @property
    def may_be_read(self) -> bool:
        """Whether the body may be shown: never what is about a citizen, nor what does not say what it is."""
        return (bool(self.type) or self.queue == ACTIONS_DEAD) and not self.type.startswith("citizen.")


async def dead_queues(place: Place) -> list[str]:
    """The names of all queues of dead letters."""
    admin = urlsplit(place.amqp_admin_url)
    vhost = unquote(urlsplit(place.amqp_url).path.removeprefix("/")) or "/"
    url = f"{admin.scheme}://{admin.hostname}:{admin.port}/api/queues/{quote(vhost, safe='')}?columns=name"
    who = aiohttp.encode_basic_auth(unquote(admin.username or ""), unquote(admin.password or ""))
    try:
        async with (
            aiohttp.ClientSession(headers={"Authorization": who}) as http,
            http.get(url, raise_for_status=True) as answer,
        ):
            names = [queue["name"] for queue in await answer.json()]
    except (aiohttp.ClientError, TimeoutError) as error:
        raise LocalError(f"the broker's management API does not answer: {type(error).__name__}") from None
    return sorted(name for name in names if name.endswith(SUFFIX))


async def look(place: Place, queue: str, most: int) -> tuple[int, list[Letter]]:
    """How many letters there are, and the first of them; all go back when the connection closes."""
    async with _opened(place) as line:
        count = await _count(line, queue)
        letters: list[Letter] = []
        while len(letters) < most and (message := await _get(line, queue)) is not None:
            letters.append(_letter(queue, message))
    return count, letters


async def redrive(place: Place, queue: str, most: int | None) -> AsyncIterator[Letter]:
    """Move letters to the queue that they came from, one at a time: published and confirmed, then acknowledged.

    At most as many as there are at the start, so that what dies again at once is not moved for ever.
    """
    target = queue.removesuffix(SUFFIX)
    async with _opened(place) as line:
        count = await _count(line, queue)
        for _ in range(count if most is None else min(count, most)):
            message = await _get(line, queue)
            if message is None:
                return
            try:
                await _publish_again(line, message, target)
            except PublishError:
                raise LocalError(f"there is no queue {target}: the letter stays in {queue}") from None
            await line.channel.basic_ack(message.delivery_tag or 0)
            yield _letter(queue, message)


@asynccontextmanager
async def _opened(place: Place) -> AsyncIterator[Line]:
    """A line to the broker; its trouble is told in one sentence."""
    try:
        async with open_line(place.amqp_url, "rabta-dead-letters", strangers=Strangers()) as line:
            yield line
    except BROKER_TROUBLE as error:
        raise LocalError(f"the broker does not answer: {type(error).__name__}") from None


async def _count(line: Line, queue: str) -> int:
    try:
        declared = await line.channel.queue_declare(queue, passive=True)
    except BROKER_TROUBLE:
        raise LocalError(f"there is no queue {queue}") from None
    return declared.message_count or 0


async def _get(line: Line, queue: str) -> aiormq.abc.DeliveredMessage | None:
    message = await line.channel.basic_get(queue)
    return None if isinstance(message.delivery, Basic.GetEmpty) else message


async def _publish_again(line: Line, message: aiormq.abc.DeliveredMessage, target: str) -> None:
    sent = message.header.properties
    properties = Basic.Properties(
        content_type=sent.content_type,
        delivery_mode=2,
        message_id=sent.message_id,
        correlation_id=sent.correlation_id,
        headers=headers_again(sent),
    )
    confirmed = await line.channel.basic_publish(
        message.body, routing_key=target, properties=properties, mandatory=True, timeout=PUBLISH_SECONDS
    )
    if not isinstance(confirmed, Basic.Ack):
        raise LocalError(f"the broker did not take it on {target}: the letter stays where it is")


def headers_again(sent: Basic.Properties) -> dict[str, Any]:
    """The headers with which a letter goes on its way again, as if it came for the first time.

    What a service put aside carries in `x-rabta-first` who the broker had vouched for. What the broker put aside
    itself may carry whatever its sender wrote there: so that is replaced by the user that the broker vouched for.
    """
    headers: dict[str, Any] = dict(sent.headers or {})
    deaths: Any = headers.get("x-death")
    if deaths:
        keys = deaths[0].get("routing-keys") or [""]
        headers[FIRST] = json.dumps({"id": sent.message_id or "", "user": sent.user_id, "key": str(keys[0])})
    return {name: value for name, value in headers.items() if not _is_mark(name)}


def _letter(queue: str, message: aiormq.abc.DeliveredMessage) -> Letter:
    properties = message.header.properties
    return Letter(queue, properties.message_id or "", properties.headers or {}, message.body)


def _is_mark(header: str) -> bool:
    return header in MARKS or header.startswith(("x-death", "x-first-", "x-last-"))
