"""Dead letters on the broker: find, read without removing, and move back one at a time."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aiohttp
from aiormq.exceptions import PublishError
from pamqp.commands import Basic

from deploy.cli.place import RunningSuite
from deploy.local.errors import LocalError
from shared.bus.connection import BROKER_TROUBLE, BrokerConnection, open_connection
from shared.bus.consumer import ATTEMPT, ERROR, FIRST
from shared.bus.letters import Letter, count_letters, next_letter, send_again
from shared.bus.topology import dead_queue
from shared.clock import written

SUFFIX = dead_queue("")
ACTIONS_DEAD = dead_queue("routing.actions")
MARKS = (ATTEMPT, ERROR, "x-delivery-count", "x-acquired-count", "CC", "BCC")
"""Headers that are removed: those of earlier deliveries, and those that copy a message to more queues."""


def since(letter: Letter) -> str:
    """When the letter was put aside, otherwise when its event happened; empty if neither is known."""
    return written(letter.died_at) if letter.died_at else str(letter.headers.get("ce-time", ""))


def may_be_read(letter: Letter) -> bool:
    """Whether the body may be shown: not if it is about a citizen or its type is unknown."""
    return (bool(letter.type) or letter.queue == ACTIONS_DEAD) and not letter.type.startswith("citizen.")


async def dead_queues(place: RunningSuite) -> list[str]:
    """The names of all queues of dead letters."""
    admin = urlsplit(place.amqp_admin_url)
    vhost = unquote(urlsplit(place.amqp_url).path.removeprefix("/")) or "/"
    url = f"{admin.scheme}://{admin.hostname}:{admin.port}/api/queues/{quote(vhost, safe='')}?columns=name"
    credentials = aiohttp.encode_basic_auth(unquote(admin.username or ""), unquote(admin.password or ""))
    try:
        async with (
            aiohttp.ClientSession(headers={"Authorization": credentials}) as http,
            http.get(url, raise_for_status=True) as answer,
        ):
            names = [queue["name"] for queue in await answer.json()]
    except (aiohttp.ClientError, TimeoutError) as error:
        raise LocalError(f"the broker's management API does not answer: {type(error).__name__}") from None
    return sorted(name for name in names if name.endswith(SUFFIX))


async def read_letters(place: RunningSuite, queue: str, limit: int) -> tuple[int, list[Letter]]:
    """The number of letters and the first of them; all are returned when the connection closes."""
    async with _opened(place) as connection:
        count = await _count(connection, queue)
        letters: list[Letter] = []
        while len(letters) < limit and (letter := await next_letter(connection, queue)) is not None:
            letters.append(letter)
    return count, letters


async def redrive(place: RunningSuite, queue: str, limit: int | None) -> AsyncIterator[Letter]:
    """Move letters to their queue one at a time: publish, wait for the confirm, acknowledge.

    At most as many as there are at the start, so that a letter that fails again is not moved for ever.
    """
    target = queue.removesuffix(SUFFIX)
    async with _opened(place) as connection:
        count = await _count(connection, queue)
        for _ in range(count if limit is None else min(count, limit)):
            letter = await next_letter(connection, queue)
            if letter is None:
                return
            await _send_again(connection, letter, target)
            yield letter


@asynccontextmanager
async def _opened(place: RunningSuite) -> AsyncIterator[BrokerConnection]:
    """A connection to the broker; its errors become one line."""
    try:
        async with open_connection(place.amqp_url, "rabta-dead-letters") as connection:
            yield connection
    except BROKER_TROUBLE as error:
        raise LocalError(f"the broker does not answer: {type(error).__name__}") from None


async def _count(connection: BrokerConnection, queue: str) -> int:
    try:
        return await count_letters(connection, queue)
    except BROKER_TROUBLE:
        raise LocalError(f"there is no queue {queue}") from None


async def _send_again(connection: BrokerConnection, letter: Letter, target: str) -> None:
    assert letter.received is not None
    try:
        taken = await send_again(connection, letter, target, headers_again(letter.received.header.properties))
    except PublishError:
        raise LocalError(f"there is no queue {target}: the letter stays in {letter.queue}") from None
    if not taken:
        raise LocalError(f"the broker did not take it on {target}: the letter stays where it is")


def headers_again(sent: Basic.Properties) -> dict[str, Any]:
    """The headers of a letter that is sent again as if for the first time.

    If a service put it aside, `x-rabta-first` contains the user that the broker had authenticated. If the broker put it
    aside, its sender may have written anything there, so it is replaced by the authenticated user.
    """
    headers: dict[str, Any] = dict(sent.headers or {})
    deaths: Any = headers.get("x-death")
    if deaths:
        keys = deaths[0].get("routing-keys") or [""]
        headers[FIRST] = json.dumps({"id": sent.message_id or "", "user": sent.user_id, "key": str(keys[0])})
    return {name: value for name, value in headers.items() if not _is_mark(name)}


def _is_mark(header: str) -> bool:
    return header in MARKS or header.startswith(("x-death", "x-first-", "x-last-"))
