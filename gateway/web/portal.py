"""How pages call the services: through the gateway's own routes, limits and proxy, with the user's own token.

So a page can do nothing that another client could not do. What is the same for everybody, such as the catalogue, is
kept for some seconds: most pages need it, and hundreds of people may share the rate limit of an address.
"""

import json
import re
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import aiohttp

from gateway.headers import has_request_key, returned_headers
from gateway.limits import Limits
from gateway.proxy import Proxy
from gateway.routes import SIGNED_IN, RouteTable
from shared.errors import BadRequestError, FieldError, NotFoundError, Problem, say
from shared.spelling import code_of

REFRESH = "/api/v1/sessions/refresh"
NOT_IN_HEADERS = re.compile(r"[^\t\x20-\x7e\x80-\xff]")
"""Characters that no header may contain; a hidden field of a form, which anybody can change, may be sent in one."""
MAX_SECONDS = 10
"""No response is kept for longer, so that an administrator soon sees what was published."""
MAX_ENTRIES = 500
PUBLIC = re.compile(r"public, max-age=(\d{1,9})")
Query = Mapping[str, str | int | Sequence[str] | None]
T = TypeVar("T")
F = TypeVar("F")


class RefusedError(Exception):
    """A service, or the gateway, refused: a problem (RFC 9457) in the language of the page."""

    def __init__(
        self, status: int, code: str, title: str, detail: str, errors: Sequence[FieldError] = (), retry_after: int = 0
    ) -> None:
        """`retry_after` is how many seconds to wait; 0 if the response did not say."""
        super().__init__(code)
        self.status, self.code, self.title, self.detail = status, code, title, detail
        self.errors, self.retry_after = list(errors), retry_after

    @classmethod
    def from_problem(cls, problem: Problem, language: str) -> "RefusedError":
        """A refusal of the gateway itself."""
        code = problem.problem_code
        title, detail = (say(code, part, language, problem.params) for part in ("title", "detail"))
        return cls(problem.status, code, title, detail, problem.errors or (), _retry_after(problem.headers))

    @classmethod
    def from_response(cls, status: int, headers: Mapping[str, str], body: bytes, language: str) -> "RefusedError":
        """A refusal of a service; a response that is not a problem means that the service is unavailable."""
        try:
            problem = json.loads(body)
            code = str(problem["type"]).rpartition("/")[2]
            errors = problem.get("errors", ())
            return cls(status, code, problem["title"], problem["detail"], errors, _retry_after(headers))
        except (ValueError, KeyError, TypeError):
            title, detail = (say("unavailable", part, language) for part in ("title", "detail"))
            return cls(503, "unavailable", title, detail)


@dataclass(frozen=True, slots=True)
class Reply:
    """A service's response. `data` is its JSON, or None; the names of `headers` are in lower case."""

    status: int
    data: Any
    headers: Mapping[str, str]

    @property
    def etag(self) -> str:
        """The revision, to be sent back as If-Match."""
        return self.headers.get("etag", "")


class PublicCache(Generic[T]):
    """Responses by target and language; the oldest go first when there are too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._entries: OrderedDict[tuple[str, str], tuple[float, T]] = OrderedDict()

    def find(self, target: str, language: str) -> T | None:
        """The response to a recent call."""
        until, response = self._entries.get((target, language), (0.0, None))
        return response if until > self._clock() else None

    def keep(self, target: str, language: str, headers: Mapping[str, str], response: T) -> None:
        """Keep a response if its Cache-Control says that it is public."""
        public = PUBLIC.match(headers.get("cache-control", ""))
        if public is None:
            return
        self._entries[target, language] = self._clock() + min(int(public[1]), MAX_SECONDS), response
        self._entries.move_to_end((target, language))
        while len(self._entries) > MAX_ENTRIES:
            self._entries.popitem(last=False)


@dataclass
class Portal:
    """The services, as one page request reaches them.

    Rate limits count `client` (the account) where a route needs a session, and the `address` elsewhere, so that many
    accounts cannot guess more than one. `cookies` collects the Set-Cookie headers of services.
    """

    proxy: Proxy
    table: RouteTable
    limits: Limits
    headers: dict[str, str]
    language: str
    client: str
    address: str
    access_token: str = ""
    cookies: list[str] = field(default_factory=list)
    cache: PublicCache[Reply] = field(default_factory=PublicCache)

    async def get(self, path: str, query: Query | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Read an address, or take it from the cache if it is the same for everybody. Raises RefusedError."""
        if headers:
            return await self.call("GET", path, query=query, headers=headers)
        target = target_of(path, query)
        reply = self.cache.find(target, self.language)
        if reply is None:
            reply = await self.call("GET", path, query=query)
            self.cache.keep(target, self.language, reply.headers, reply)
        return reply

    async def read(self, path: str, query: Query | None = None) -> dict[str, Any]:
        """The JSON object at an address. Raises RefusedError."""
        data: dict[str, Any] = (await self.get(path, query)).data
        return data

    async def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        revision: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send a POST; `key` is the Idempotency-Key, `revision` the ETag for If-Match. Raises RefusedError."""
        return await self.call("POST", path, body=body, key=key, revision=revision, headers=headers)

    async def call(
        self,
        method: str,
        path: str,
        *,
        query: Query | None = None,
        body: Any = None,
        key: str = "",
        revision: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Call a service. Raises RefusedError for every status from 400 on, and if the service cannot be reached."""
        sent = self._headers(key, revision, headers)
        content = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
        try:
            service = self._counted(method, path, sent)
            answer = await self.proxy.ask(service, method, target_of(path, query), sent, content)
        except Problem as problem:
            raise RefusedError.from_problem(problem, self.language) from None
        received = self._received(answer.headers)
        if answer.status >= 400:
            raise RefusedError.from_response(answer.status, received, answer.body, self.language)
        return Reply(answer.status, _json(answer.body, received), received)

    @asynccontextmanager
    async def stream(
        self,
        method: str,
        path: str,
        body: AsyncIterator[bytes] | None = None,
        *,
        key: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Send or receive a file; the body of the response is still to be read. Raises RefusedError."""
        try:
            sent = self._headers(key, "", headers)
            service = self._counted(method, path, sent)
            async with self.proxy.stream(service, method, path, sent, body) as answer:
                received = self._received(answer.raw_headers)
                if answer.status >= 400:
                    raise RefusedError.from_response(answer.status, received, await answer.read(), self.language)
                yield answer
        except Problem as problem:
            raise RefusedError.from_problem(problem, self.language) from None

    def _counted(self, method: str, path: str, sent: Mapping[str, str]) -> str:
        """Count the call against its limit and return the service that serves it. Raises Problem."""
        route = self.table.find(method, path.partition("?")[0])
        if route.by_key and has_request_key(sent):
            self.limits.take(route.by_key, self.address)
            return route.service
        # Many people at one address refresh their sessions, and a refresh token cannot be guessed.
        by_account = route.access == SIGNED_IN or path == REFRESH
        self.limits.take(route.limit, self.client if by_account else self.address)
        return route.service

    def _headers(self, key: str, revision: str, more: Mapping[str, str] | None) -> dict[str, str]:
        sent = {**self.headers, "Accept-Language": self.language} | dict(more or {})
        if self.access_token:
            sent.setdefault("Authorization", f"Bearer {self.access_token}")
        if key:
            sent["Idempotency-Key"] = key
        if revision:
            sent["If-Match"] = revision
        if any(NOT_IN_HEADERS.search(value) for value in sent.values()):
            raise RefusedError.from_problem(BadRequestError(), self.language)
        return sent

    def _received(self, raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
        headers = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in returned_headers(raw)]
        self.cookies += [value for name, value in headers if name == "set-cookie"]
        return dict(headers)


def not_found(refused: RefusedError) -> bool:
    """Whether there is no such thing."""
    return refused.status == 404


def unavailable(refused: RefusedError) -> bool:
    """Whether the service does not answer."""
    return refused.status >= 500


async def or_else(
    fallback: F, reading: Awaitable[T], when: Callable[[RefusedError], bool] = lambda refused: True
) -> T | F:
    """The result of a call, or the fallback if it is refused and `when` holds. Raises RefusedError if not."""
    try:
        return await reading
    except RefusedError as refused:
        if not when(refused):
            raise
        return fallback


def first_with(found: Iterable[Mapping[str, Any]], name: str, value: str) -> Mapping[str, Any]:
    """The first that has this value. Raises NotFoundError."""
    for one in found:
        if one[name] == value:
            return one
    raise NotFoundError


def target_of(path: str, query: Query | None) -> str:
    """Path and query as they are sent, without empty parameters."""
    pairs = [(name, value) for name, value in (query or {}).items() if value not in (None, "", [], ())]
    return f"{path}?{urlencode(pairs, doseq=True)}" if pairs else path


def segment(text: str) -> str:
    """Typed text as one segment of a path: only letters, digits and hyphens, so that it leads nowhere else."""
    kept = (letter for letter in code_of(text) if letter.isascii() and (letter.isalnum() or letter == "-"))
    return "".join(kept)[:60] or "-"


def _json(body: bytes, headers: Mapping[str, str]) -> Any:
    return json.loads(body) if body and "json" in headers.get("content-type", "") else None


def _retry_after(headers: Mapping[str, str]) -> int:
    text = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return int(text) if text.isdigit() else 0
