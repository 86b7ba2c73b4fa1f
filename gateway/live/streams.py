"""Serves the streams: checks how many are open, waits for wake-ups, sends updates, and ends streams."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import inf

import structlog
from starlette.types import Receive, Scope, Send

from gateway.headers import returned_headers
from gateway.live.source import RecentUpdates, SlotKind, StreamSlot, StreamSource
from gateway.live.watchers import Watcher, Watchers
from gateway.pool import ServiceAnswer
from gateway.proxy import Proxy
from shared.auth import Principal
from shared.errors import Problem, TooManyRequestsError, UnauthenticatedError, UnavailableError

MAX_READS = 64
"""Reads at the same time, of all streams."""
RECONNECT_MS = 2000
RETRY_SECONDS = 2.0
SESSION_CHECK_SECONDS = 2.5
"""How often the stream of a signed-in client checks whether the session was ended."""
LIMIT_PROBLEMS: dict[SlotKind, str] = {
    "account": "account-streams",
    "request": "request-streams",
    "network": "network-streams",
}
"""The code of the problem when an account, a request or a network has too many streams."""
KEEP_ALIVE = ":\n\n"
WAITING = ": waiting\n\n"
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

Authenticate = Callable[[str | None], Awaitable[object]]
"""Takes an Authorization header; raises UnauthenticatedError if its session was ended."""

log = structlog.get_logger(__name__)


@dataclass
class LiveStreams:
    """Serves the streams. Without a wake-up, a stream reads for news every `every` seconds.

    `max_open` is the number of streams for one account, tracked request and address, `max_total` for this process.
    """

    proxy: Proxy
    watchers: Watchers
    authenticate: Authenticate
    every: float
    max_open: Mapping[SlotKind, int]
    max_total: int
    _open: Counter[StreamSlot] = field(default_factory=Counter)
    _count: int = 0
    _reading: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MAX_READS))
    _ending: bool = False
    _all: set[Watcher] = field(default_factory=set)

    def end(self) -> None:
        """End every stream; clients reconnect to another gateway."""
        self._ending = True
        for watcher in self._all:
            watcher.wake()

    async def serve(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], client: Principal | str
    ) -> None:
        """Serve one stream until its client leaves or its token expires. Raises Problem before the stream begins.

        `client` is the account, or the address of a client without one.
        """
        source = StreamSource.of(scope, headers, client)
        with self._counted(source.slots), self.watchers.watching(source.key) as watcher:
            first = await self._read(source)
            if first.status != 200:
                await send_answer(first, send)
                return
            leaving = asyncio.ensure_future(disconnected(receive))
            leaving.add_done_callback(watcher.leave)
            self._all.add(watcher)
            try:
                await self._send_updates(source, watcher, first, send)
            finally:
                self._all.discard(watcher)
                leaving.cancel()

    async def _send_updates(self, source: StreamSource, watcher: Watcher, first: ServiceAnswer, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        recent = RecentUpdates(source.cursor)
        text = f"retry: {RECONNECT_MS}\n\n" + recent.events(source, first, first=True)
        while True:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            if not recent.full:
                seconds = min(RETRY_SECONDS, self.every) if recent.failed else self.every
                await self._wait(source, watcher, min(seconds, source.expires - time.time()))
            if watcher.gone:
                return
            if self._ending or time.time() >= source.expires:
                break
            text = await self._poll(source, recent)
        last = b"" if self._ending else b"event: expired\ndata: {}\n\n"
        await send({"type": "http.response.body", "body": last, "more_body": False})

    async def _wait(self, source: StreamSource, watcher: Watcher, seconds: float) -> None:
        """Wait for a wake-up, or that long. A session that is ended meanwhile ends the stream."""
        end = time.monotonic() + seconds
        while not await self._woken(watcher, min(SESSION_CHECK_SECONDS, end - time.monotonic())):
            if not await self._session_lives(source):
                source.expires = 0.0
                return
            if time.monotonic() >= end:
                return

    async def _session_lives(self, source: StreamSource) -> bool:
        authorization = source.headers.get("Authorization")
        if authorization is None or source.expires == inf:
            return True  # tracking by number needs no session
        try:
            await self.authenticate(authorization)
        except UnauthenticatedError:
            return False
        except Problem as problem:
            log.info("live.not_known", error=type(problem).__name__)
        return True

    async def _poll(self, source: StreamSource, recent: RecentUpdates) -> str:
        """New updates, or a comment that keeps the connection open."""
        recent.failed = True
        try:
            answer = await self._read(source)
        except Problem as problem:
            log.info("live.read_failed", error=type(problem).__name__)
            return WAITING
        if answer.status in (401, 403, 404):  # over for this client; further reads would count as guesses
            source.expires = 0.0
        if answer.status != 200:
            return WAITING
        recent.failed = False
        return recent.events(source, answer) or KEEP_ALIVE

    async def _read(self, source: StreamSource) -> ServiceAnswer:
        async with self._reading:
            return await self.proxy.ask(source.service, "GET", source.target(), source.headers)

    @contextmanager
    def _counted(self, slots: Sequence[StreamSlot]) -> Iterator[None]:
        """Count an open stream. Raises Problem if there are too many."""
        if self._ending or self._count >= self.max_total:
            raise UnavailableError(after=5)
        for slot in slots:
            most = self.max_open[slot.kind]
            if self._open[slot] >= most:
                raise TooManyRequestsError(
                    LIMIT_PROBLEMS[slot.kind], headers={"Retry-After": "5"}, seconds=5, most=most
                )
        self._open.update(slots)
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            for slot in slots:
                self._open[slot] -= 1
                if not self._open[slot]:
                    del self._open[slot]

    @staticmethod
    async def _woken(watcher: Watcher, seconds: float) -> bool:
        """Whether a wake-up came within so many seconds."""
        try:
            async with asyncio.timeout(max(seconds, 0.05)):
                await watcher.woken.wait()
        except TimeoutError:
            return False
        watcher.woken.clear()
        return True


async def disconnected(receive: Receive) -> None:
    """Return when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def send_answer(answer: ServiceAnswer, send: Send) -> None:
    """Send a service's answer instead of a stream."""
    headers = [*returned_headers(answer.headers), (b"content-length", b"%d" % len(answer.body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
