"""A small HTTP/1.1 client for measuring: sends prepared bytes, returns status and latency.

A full client would take more processor time than the server under test; this one reads Content-Length answers
only, which is what the portal and the floor send.
"""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import cast
from urllib.parse import urlsplit


class Connection(asyncio.Protocol):
    """One kept-alive connection; one request at a time."""

    def __init__(self) -> None:
        self._buffer = b""
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Collect bytes until the response is complete."""
        self._buffer += data
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        lowered = head.lower()
        start = lowered.find(b"content-length:")
        length = int(lowered[start + 15 :].split(b"\r\n", 1)[0]) if start >= 0 else 0
        if len(rest) >= length and self._answer is not None and not self._answer.done():
            self._buffer = b""
            self._answer.set_result((int(head[9:12]), rest))

    def connection_lost(self, exc: Exception | None) -> None:
        """Fail the open request."""
        self._transport = None
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionError("connection lost"))

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Send prepared bytes; the status and body of the answer. Raises ConnectionError."""
        if self._transport is None:
            raise ConnectionError("not connected")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer


class Client:
    """A client with its own connection, which opens a new one if the server has closed it."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._address = parts.hostname or "127.0.0.1", parts.port or 80
        self._connection: Connection | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Status and body of the response. The request is sent again if the connection was lost."""
        if self._connection is not None:
            with suppress(ConnectionError):
                return await self._connection.ask(request)
        loop = asyncio.get_running_loop()
        _, self._connection = await loop.create_connection(Connection, *self._address)
        return await self._connection.ask(request)


def request_bytes(method: str, url: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """A request as bytes."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", *(f"{k}: {v}" for k, v in headers.items())]
    if body:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Answers:
    """Responses: latencies in seconds, and the number of each status."""

    def __init__(self) -> None:
        self.latencies: list[float] = []
        self.statuses: dict[int, int] = {}

    def add(self, status: int, seconds: float) -> None:
        """Note one answer."""
        self.latencies.append(seconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1


Next = Callable[[], bytes]
OnAnswer = Callable[[int, bytes, float], None]


async def closed_loop(url: str, clients: int, seconds: float, make: Next, on_answer: OnAnswer) -> Answers:
    """`clients` that each send the next request as soon as the last is answered, for that many seconds."""
    answers = Answers()
    end = time.perf_counter() + seconds

    async def ask_on() -> None:
        client = Client(url)
        while (started := time.perf_counter()) < end:
            status, body = await client.ask(make())
            now = time.perf_counter()
            answers.add(status, now - started)
            on_answer(status, body, now)

    await asyncio.gather(*(ask_on() for _ in range(clients)))
    return answers


async def open_loop(url: str, rate: float, seconds: float, make: Next, on_answer: OnAnswer) -> Answers:
    """`rate` requests a second, however fast the server is; latency counts from when each was due."""
    answers = Answers()
    idle: list[Client] = []
    tasks: set[asyncio.Task[None]] = set()
    start = time.perf_counter()

    async def one(due: float) -> None:
        client = idle.pop() if idle else Client(url)
        status, body = await client.ask(make())
        now = time.perf_counter()
        idle.append(client)
        answers.add(status, now - due)
        on_answer(status, body, now)

    for number in range(int(rate * seconds)):
        due = start + number / rate
        if (wait := due - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(due))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
    await asyncio.gather(*tasks)
    return answers


def percentile(values: list[float], percent: float) -> float:
    """The value below which `percent` of the values lie, in the values' unit."""
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]
