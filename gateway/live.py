"""Live streams as server-sent events: woken by a message, told from the requests service.

A wake-up only says whom to look for; what has happened is read with the client's own token, so that who may see
what is decided where the data is, and a lost wake-up costs seconds and never a step.
"""

import asyncio
import json
import re
import time
from collections import Counter, OrderedDict, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode

import structlog
from starlette.types import Receive, Scope, Send

from gateway.headers import outward
from gateway.proxy import Answer, Proxy
from gateway.routes import REQUESTS
from shared.auth import Principal
from shared.errors import Problem, TooManyRequestsError, UnavailableError

READ_AT_ONCE = 100
READERS = 64
REPEATS_SECONDS = 60.0
RETRY_MS = 2000
AGAIN_SECONDS = 2.0
STILL_HERE = ":\n\n"
WAITING = ": waiting\n\n"
CURSOR = re.compile(r"[\x21-\x7e]{1,80}")
PASSED = ("Authorization", "Accept-Language", "X-Request-Id", "traceparent")
STREAM_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
LOOKALIKES = str.maketrans({"-": None, "O": "0", "I": "1", "L": "1"})

log = structlog.get_logger(__name__)


class Watcher:
    """One open stream, as far as waking it goes."""

    __slots__ = ("gone", "woken")

    def __init__(self) -> None:
        self.woken = asyncio.Event()
        self.gone = False

    def wake(self) -> None:
        """Have it look at once."""
        self.woken.set()

    def leave(self, _: object) -> None:
        """Its client hung up."""
        self.gone = True
        self.woken.set()


class Watchers:
    """Who watches what: keys are citizens' ids and tracking numbers in one spelling."""

    def __init__(self) -> None:
        self._by_key: defaultdict[str, set[Watcher]] = defaultdict(set)

    def wake(self, body: dict[str, Any]) -> None:
        """Wake the streams that a wake-up is about."""
        citizens, requests = body.get("citizens"), body.get("requests")
        keys = [f"citizen {key}" for key in citizens] if isinstance(citizens, list) else []
        if isinstance(requests, list):
            keys += [request_key(str(number)) for number in requests]
        for key in keys:
            for watcher in self._by_key.get(key, ()):
                watcher.wake()

    @contextmanager
    def watching(self, key: str) -> Iterator[Watcher]:
        """A watcher of `key` for as long as the context is open."""
        watcher = Watcher()
        self._by_key[key].add(watcher)
        try:
            yield watcher
        finally:
            self._by_key[key].discard(watcher)
            if not self._by_key[key]:
                del self._by_key[key]


class LiveStreams:
    """Serves the streams. `every` is how often one looks without being woken (seconds)."""

    def __init__(self, proxy: Proxy, watchers: Watchers, *, every: float, per_account: int, in_all: int) -> None:
        self._proxy = proxy
        self._watchers = watchers
        self._every = every
        self._per_account = per_account
        self._in_all = in_all
        self._open: Counter[str] = Counter()
        self._count = 0
        self._reading = asyncio.Semaphore(READERS)
        self._ending = False
        self._all: set[Watcher] = set()

    def end(self) -> None:
        """End every stream; clients come back to whoever serves next."""
        self._ending = True
        for watcher in self._all:
            watcher.wake()

    async def serve(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], who: Principal | str
    ) -> None:
        """Serve one stream until its client leaves or its token ends. Raises Problem before it has begun."""
        source = Source.of(scope, headers, who)
        with self._place(source.account), self._watchers.watching(source.key) as watcher:
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

    async def _tell(self, source: "Source", watcher: Watcher, first: Answer, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        told = Told(source.cursor)
        text = f"retry: {RETRY_MS}\n\n" + told.text(source, first, begin=True)
        while True:
            await send({"type": "http.response.body", "body": text.encode(), "more_body": True})
            if not told.full:
                patience = min(AGAIN_SECONDS, self._every) if told.failed else self._every
                await self._wait(watcher, min(patience, source.expires - time.time()))
            if watcher.gone:
                return
            if self._ending or time.time() >= source.expires:
                break
            text = await self._look(source, told)
        last = b"" if self._ending else b"event: expired\ndata: {}\n\n"
        await send({"type": "http.response.body", "body": last, "more_body": False})

    async def _look(self, source: "Source", told: "Told") -> str:
        """What is new, or a comment that keeps the connection open."""
        told.failed = True
        try:
            answer = await self._read(source)
        except Problem as problem:
            log.info("live.read_failed", error=type(problem).__name__)
            return WAITING
        if answer.status in (401, 403):
            source.expires = 0.0
        if answer.status != 200:
            return WAITING
        told.failed = False
        return told.text(source, answer) or STILL_HERE

    async def _read(self, source: "Source") -> Answer:
        async with self._reading:
            return await self._proxy.ask(REQUESTS, "GET", source.target(), source.headers)

    @contextmanager
    def _place(self, account: str) -> Iterator[None]:
        """A place among the streams. Raises Problem when all are taken."""
        if self._ending or self._count >= self._in_all:
            raise UnavailableError(headers={"Retry-After": "5"})
        if self._open[account] >= self._per_account:
            raise TooManyRequestsError(headers={"Retry-After": "5"}, seconds=5)
        self._open[account] += 1
        self._count += 1
        try:
            yield
        finally:
            self._count -= 1
            self._open[account] -= 1
            if not self._open[account]:
                del self._open[account]

    @staticmethod
    async def _wait(watcher: Watcher, seconds: float) -> None:
        try:
            async with asyncio.timeout(max(seconds, 0.05)):
                await watcher.woken.wait()
        except TimeoutError:
            return
        watcher.woken.clear()


@dataclass
class Source:
    """What one stream tells of: where it is read, from which cursor on, and who may until when."""

    account: str
    key: str
    path: str
    params: dict[str, str]
    headers: dict[str, str]
    expires: float
    cursor: str

    @classmethod
    def of(cls, scope: Scope, headers: Mapping[str, str], who: Principal | str) -> "Source":
        """The source that a request for a stream asks for."""
        query = parse_qs(scope["query_string"].decode("ascii"))
        cursor = headers.get("Last-Event-ID") or query.get("last_event_id", [""])[0]
        cursor = cursor if CURSOR.fullmatch(cursor) else ""
        passed = {name: headers[name] for name in PASSED if name in headers}
        if isinstance(who, Principal):
            account, expires = who.id, who.expires
            return cls(account, f"citizen {account}", "/api/v1/requests/updates", {}, passed, expires, cursor)
        number = scope["path"].split("/")[4]
        params = {"mobile": query.get("mobile", [""])[0]}
        path = f"/api/v1/track/{number}/updates"
        return cls(who, request_key(number), path, params, passed, float("inf"), cursor)

    def target(self) -> str:
        """Path and query of the next read."""
        return f"{self.path}?{urlencode({**self.params, 'after': self.cursor, 'limit': READ_AT_ONCE})}"


class Told:
    """What a stream has told lately: updates of the last seconds come twice, and are told once."""

    def __init__(self, last: str = "") -> None:
        self._ids: OrderedDict[str, float] = OrderedDict({last: time.monotonic()})
        self.full = False
        self.failed = False

    def text(self, source: Source, answer: Answer, *, begin: bool = False) -> str:
        """The new updates of an answer as events; moves the cursor on."""
        body = json.loads(answer.body)
        new = self.new(body["updates"])
        self.full = bool(new) and len(body["updates"]) >= READ_AT_ONCE
        source.cursor = body["next"]
        if begin and not new:
            return f"id: {source.cursor}\n\n"  # a client that hears nothing still knows from where to go on
        return "".join(
            f"id: {update['id']}\nevent: request\ndata: {json.dumps(update, ensure_ascii=False)}\n\n" for update in new
        )

    def new(self, updates: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """Those of the updates that were not told before."""
        now = time.monotonic()
        new = [update for update in updates if update["id"] not in self._ids]
        self._ids.update((update["id"], now) for update in new)
        while self._ids and next(iter(self._ids.values())) < now - REPEATS_SECONDS:
            self._ids.popitem(last=False)
        return new


def request_key(number: str) -> str:
    """A tracking number in the one spelling by which streams are found, however it was typed."""
    return number.upper().translate(LOOKALIKES)


async def hang_up(receive: Receive) -> None:
    """Return when the client is gone."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def refuse(answer: Answer, send: Send) -> None:
    """Pass on why there is no stream."""
    headers = [*outward(answer.headers), (b"content-length", b"%d" % len(answer.body))]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
