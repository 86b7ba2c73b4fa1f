"""The pages' way to the services: through the door's own table, limits and proxy, with the person's own token.

So nothing can be done on a page that any other client could not do.
"""

import json
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import aiohttp

from gateway.headers import has_key, outward
from gateway.limits import Limits
from gateway.proxy import Proxy
from gateway.routes import SIGNED_IN, RouteTable
from gateway.web.shared_answers import SharedAnswers
from shared.errors import BadRequestError, FieldError, Problem, say
from shared.spelling import code_of

REFRESH = "/api/v1/sessions/refresh"
CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""What no header may hold; a field of a form, or the type of a file, may be sent with it."""
Query = Mapping[str, str | int | Sequence[str] | None]


class RefusedError(Exception):
    """A service, or the door, refused: a problem (RFC 9457) in the words of the person's language."""

    def __init__(
        self, status: int, code: str, title: str, detail: str, errors: Sequence[FieldError] = (), retry_after: int = 0
    ) -> None:
        """`retry_after` is how many seconds to wait; 0 where the answer did not say."""
        super().__init__(code)
        self.status, self.code, self.title, self.detail = status, code, title, detail
        self.errors, self.retry_after = list(errors), retry_after

    @classmethod
    def by(cls, problem: Problem, language: str) -> "RefusedError":
        """What the door itself refused."""
        code = problem.problem_code
        title, detail = (say(code, part, language, problem.params) for part in ("title", "detail"))
        return cls(problem.status, code, title, detail, problem.errors or (), _seconds(problem.headers))

    @classmethod
    def told(cls, status: int, headers: Mapping[str, str], body: bytes, language: str) -> "RefusedError":
        """What a service answered; one that does not speak in problems is unavailable."""
        try:
            told = json.loads(body)
            code = str(told["type"]).rpartition("/")[2]
            return cls(status, code, told["title"], told["detail"], told.get("errors", ()), _seconds(headers))
        except (ValueError, KeyError, TypeError):
            title, detail = (say("unavailable", part, language) for part in ("title", "detail"))
            return cls(503, "unavailable", title, detail)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a service answered. `data` is its JSON, or None; names of `headers` are in small letters."""

    status: int
    data: Any
    headers: Mapping[str, str]

    @property
    def etag(self) -> str:
        """The revision that was seen, to be sent back as If-Match."""
        return self.headers.get("etag", "")


@dataclass
class Portal:
    """The services as one person's requests reach them.

    Limits are counted as at the door: by the account (`who`) where one has to be signed in, by the `address` for all
    else, so that many accounts guess no more than one. `kept` collects the cookies that services want kept in the
    browser.
    """

    proxy: Proxy
    table: RouteTable
    limits: Limits
    headers: dict[str, str]
    language: str
    who: str
    address: str
    access_token: str = ""
    kept: list[str] = field(default_factory=list)
    shared: SharedAnswers[Reply] = field(default_factory=SharedAnswers)

    async def get(self, path: str, query: Query | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """Read, or know from a moment ago what is said to everybody alike. Raises RefusedError."""
        if headers:
            return await self.call("GET", path, query=query, headers=headers)
        target = target_of(path, query)
        reply = self.shared.find(target, self.language)
        if reply is None:
            reply = await self.call("GET", path, query=query)
            self.shared.keep(target, self.language, reply.headers, reply)
        return reply

    async def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str = "",
        revision: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Do something; `key` is the Idempotency-Key, `revision` the ETag that was seen. Raises RefusedError."""
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
        """One call. Raises RefusedError for every answer from 400 on, and where the service cannot be reached."""
        sent = self._headers(key, revision, headers)
        content = None
        if body is not None:
            sent["Content-Type"] = "application/json"
            content = json.dumps(body, ensure_ascii=False).encode()
        try:
            service = self._service(method, path, sent)
            answer = await self.proxy.ask(service, method, target_of(path, query), sent, content)
        except Problem as problem:
            raise RefusedError.by(problem, self.language) from None
        told = self._told(answer.headers)
        if answer.status >= 400:
            raise RefusedError.told(answer.status, told, answer.body, self.language)
        return Reply(answer.status, _json(answer.body, told), told)

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
        """A file on its way in or out; the answer is still to be read. Raises RefusedError."""
        try:
            sent = self._headers(key, "", headers)
            service = self._service(method, path, sent)
            async with self.proxy.stream(service, method, path, sent, body) as answer:
                told = self._told(answer.raw_headers)
                if answer.status >= 400:
                    raise RefusedError.told(answer.status, told, await answer.read(), self.language)
                yield answer
        except Problem as problem:
            raise RefusedError.by(problem, self.language) from None

    def _service(self, method: str, path: str, sent: Mapping[str, str]) -> str:
        """The service that serves it, by the table of the door, once it was counted. Raises Problem."""
        route = self.table.find(method, path.partition("?")[0])
        if route.by_key and has_key(sent):
            self.limits.take(route.by_key, self.address)
            return route.service
        mine = route.who == SIGNED_IN or path == REFRESH  # which many do at one address, and which guesses nothing
        self.limits.take(route.limit, self.who if mine else self.address)
        return route.service

    def _headers(self, key: str, revision: str, more: Mapping[str, str] | None) -> dict[str, str]:
        sent = {**self.headers, "Accept-Language": self.language} | dict(more or {})
        if self.access_token:
            sent.setdefault("Authorization", f"Bearer {self.access_token}")
        if key:
            sent["Idempotency-Key"] = key
        if revision:
            sent["If-Match"] = revision
        if any(CONTROL.search(value) for value in sent.values()):
            raise RefusedError.by(BadRequestError(), self.language)
        return sent

    def _told(self, raw: Sequence[tuple[bytes, bytes]]) -> dict[str, str]:
        given = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in outward(raw)]
        self.kept += [value for name, value in given if name == "set-cookie"]
        return dict(given)


def target_of(path: str, query: Query | None) -> str:
    """Path and query as they are sent; what is None or empty is left out."""
    pairs = [(name, value) for name, value in (query or {}).items() if value not in (None, "", [], ())]
    return f"{path}?{urlencode(pairs, doseq=True)}" if pairs else path


def segment(text: str) -> str:
    """A text that somebody typed as one segment of a path: letters, digits and hyphens; it leads nowhere else."""
    kept = (sign for sign in code_of(text) if sign.isascii() and (sign.isalnum() or sign == "-"))
    return "".join(kept)[:60] or "-"


def _json(body: bytes, headers: Mapping[str, str]) -> Any:
    return json.loads(body) if body and "json" in headers.get("content-type", "") else None


def _seconds(headers: Mapping[str, str]) -> int:
    text = {name.lower(): value for name, value in headers.items()}.get("retry-after", "")
    return int(text) if text.isdigit() else 0
