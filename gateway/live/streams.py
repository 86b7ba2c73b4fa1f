"""Serves the streams: their places, their beginning, their waiting and their end."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from math import inf

import structlog
from starlette.types import Receive, Scope, Send

from gateway.headers import outward
from gateway.live.source import Of, RecentUpdates, StreamSlot, StreamSource
from gateway.live.watchers import Watcher, Watchers
from gateway.proxy import Proxy, ServiceAnswer
from shared.auth import Principal
from shared.errors import Problem, TooManyRequestsError, UnauthenticatedError, UnavailableError

READERS = 64
RETRY_MS = 2000
AGAIN_SECONDS = 2.0
ADMITTED_SECONDS = 2.5
"""How often a stream of somebody signed in looks whether the session was ended."""
TAKEN: dict[Of, str] = {
    "account": "account-streams",
    "request": "request-streams",
    "network": "network-streams",
}
"""The problem for each kind of place when none is left."""
STILL_HERE = ":\n\n"
WAITING = ": waiting\n\n"
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]

Admit = Callable[[str | None], Awaitable[object]]
"""Takes an Authorization header; raises UnauthenticatedError when its session was ended."""

log = structlog.get_logger(__name__)


class LiveStreams:
    """Serves the streams. A stream that is not woken looks for news every `every` seconds.

    `most` says how many an account, a tracked request and an address may have, `in_all` how many this process serves.
    """

    def __init__(
        self, proxy: Proxy, watchers: Watchers, admit: Admit, *, every: float, most: Mapping[Of, int], in_all: int
    ) -> None:
        self._proxy = proxy
        self._admit = admit
        self._watchers = watchers
        self._every = every
        self._most = dict(most)
        self._in_all = in_all
        self._open: Counter[StreamSlot] = Counter()
        self._count = 0
        self._reading = asyncio.Semaphore(READERS)
        self._ending = False
        self._all: set[Watcher] = set()

    def end(self) -> None:
        """End every stream; clients come back to another gateway."""
        self._ending = True
        for watcher in self._all:
            watcher.wake()

    async def serve(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], who: Principal | str
    ) -> None:
        """Serve one stream until its client leaves or its token ends. Raises Problem before it has begun."""
        source = StreamSource.of(scope, headers, who)
        with self._placed(source.places), self._watchers.watching(source.key) as watcher:
            first = await self._read(source)
            if first.status != 200:
                await refuse(first, send)
                return
            leaving = asyncio.ensure_future(hang_up(receive))
            leaving.add_done_callback(watcher.leave)
            self._all.add(watcher)
            try:
                await self._tell(source, watcher, first, send)
            finally:
                self._all.discard(watcher)
                leaving.cancel()

    async def _tell(self, source: StreamSource, watcher: Watcher, first: ServiceAnswer, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        told = RecentUpdates(source.cursor)
        text = f"retry: {RETRY_MS}\n\n" + told.text(source, first, begin=True)
        while True:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            if not told.full:
                patience = min(AGAIN_SECONDS, self._every) if told.failed else self._every
                await self._rest(source, watcher, min(patience, source.expires - time.time()))
            if watcher.gone:
                return
            if self._ending or time.time() >= source.expires:
                break
            text = await self._look(source, told)
        last = b"" if self._ending else b"event: expired\ndata: {}\n\n"
        await send({"type": "http.response.body", "body": last, "more_body": False})

    async def _rest(self, source: StreamSource, watcher: Watcher, seconds: float) -> None:
        """Wait to be woken, or so long. A session that is ended meanwhile ends the stream."""
        end = time.monotonic() + seconds
        while not await self._wait(watcher, min(ADMITTED_SECONDS, end - time.monotonic())):
            if not await self._admitted(source):
                source.expires = 0.0
                return
            if time.monotonic() >= end:
                return

    async def _admitted(self, source: StreamSource) -> bool:
        authorization = source.headers.get("Authorization")
        if authorization is None or source.expires == inf:
            return True  # who tracks by number needs no session
        try:
            await self._admit(authorization)
        except UnauthenticatedError:
            return False
        except Problem as problem:
            log.info("live.not_known", error=type(problem).__name__)
        return True

    async def _look(self, source: StreamSource, told: RecentUpdates) -> str:
        """What is new, or a comment that keeps the connection open."""
        told.failed = True
        try:
            answer = await self._read(source)
        except Problem as problem:
            log.info("live.read_failed", error=type(problem).__name__)
            return WAITING
        if answer.status in (401, 403, 404):  # gone for this client: to ask on would count as guessing
            source.expires = 0.0
        if answer.status != 200:
            return WAITING
        told.failed = False
        return told.text(source, answer) or STILL_HERE

    async def _read(self, source: StreamSource) -> ServiceAnswer:
        async with self._reading:
            return await self._proxy.ask(source.service, "GET", source.target(), source.headers)

    @contextmanager
    def _placed(self, places: Sequence[StreamSlot]) -> Iterator[None]:
        """A stream's places. Raises Problem when one of them is taken."""
        if self._ending or self._count >= self._in_all:
            raise UnavailableError(headers={"Retry-After": "5"})
        for place in places:
            most = self._most[place.of]
            if self._open[place] >= most:
                raise TooManyRequestsError(TAKEN[place.of], headers={"Retry-After": "5"}, seconds=5, most=most)
        self._open.update(places)
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            for place in places:
                self._open[place] -= 1
                if not self._open[place]:
                    del self._open[place]

    @staticmethod
    async def _wait(watcher: Watcher, seconds: float) -> bool:
        """Whether it was woken within so many seconds."""
        try:
            async with asyncio.timeout(max(seconds, 0.05)):
                await watcher.woken.wait()
        except TimeoutError:
            return False
        watcher.woken.clear()
        return True


async def hang_up(receive: Receive) -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def refuse(answer: ServiceAnswer, send: Send) -> None:
    """Pass on why there is no stream."""
    headers = [*outward(answer.headers), (b"content-length", b"%d" % len(answer.body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
