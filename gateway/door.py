"""The door: what happens to each request, in this order: path, route, address, token, account, then on its way."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

import structlog
from prometheus_client import Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.framing import demand_plain_head
from gateway.headers import Header, has_key, inward, new_request_id, outward, signatures, unkept
from gateway.limits import ADDRESS, Limits, client_address
from gateway.proxy import Proxy
from gateway.routes import LIVE, OWN, PATH, SIGNED_IN, WEB, ProxyRoute, RouteTable, checked_path, is_page
from gateway.streaming import ClientGoneError, body_of, file_headers, hand_out
from shared.auth import Authenticator, Principal
from shared.errors import Problem, problem_response
from shared.jsonbody import MAX_BYTES, TooLargeError, UnsupportedMediaTypeError

BODY_SECONDS = 15.0
SLOWEST = 10.0
SECONDS = Histogram(
    "rabta_gateway_request_seconds",
    "Time from request to answer, by upstream service and status",
    ["service", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, SLOWEST),
)

log = structlog.get_logger(__name__)


class Streams(Protocol):
    """Who serves live streams."""

    async def serve(
        self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], who: Principal | str
    ) -> None:
        """Serve one stream until it ends; `who` is the account, or the address of somebody who is not signed in."""


class Pages(Protocol):
    """Who serves the pages that people see (`gateway.web`)."""

    async def serve(self, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], address: str) -> None:
        """Answer one request with a page."""

    async def refuse(
        self, problem: Problem, scope: Scope, receive: Receive, send: Send, headers: dict[str, str], address: str
    ) -> None:
        """Show what the door refused as a page."""


class Door:
    """The ASGI application that every request meets first."""

    def __init__(
        self,
        own: ASGIApp,
        limits: Limits,
        authenticator: Authenticator,
        security: Sequence[Header],
        web: Pages,
        trusted_proxies: int = 0,
    ) -> None:
        self._own = own
        self._web = web
        self._trusted_proxies = trusted_proxies
        self._table = RouteTable()
        self._limits = limits
        self._authenticator = authenticator
        self._security = list(security)
        self._observed: dict[tuple[str, int], Histogram] = {}
        self.proxy: Proxy | None = None
        self.streams: Streams | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._own(scope, receive, send)
            return
        request_id = new_request_id()
        try:
            await self._let_in(scope, receive, send, request_id)
        except Problem as problem:
            await self._refuse(problem, scope, receive, send, request_id)
        except ClientGoneError:
            return
        except Exception as error:
            log.error("door.failed", request_id=request_id, error=type(error).__name__, exc_info=error)
            with suppress(RuntimeError):  # where the answer had begun, the server ends the connection
                await self._refuse(Problem(), scope, receive, send, request_id)

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        adding = self._adding(send, [(b"x-request-id", request_id.encode())])
        if is_for_people(scope):
            address = client_address(scope, self._trusted_proxies)
            headers = inward(scope["headers"], request_id, address)
            await self._web.refuse(problem, scope, receive, adding, headers, address)
            return
        await problem_response(problem, readable(scope))(scope, receive, adding)

    async def _let_in(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        demand_plain_head(scope["headers"])
        method, query = scope["method"], scope["query_string"]
        path = checked_path(scope["raw_path"], query)
        route = self._table.find(method, path)
        address = client_address(scope, self._trusted_proxies)
        counted = self._limits.take(ADDRESS, address)
        headers = inward(scope["headers"], request_id, address)
        if route.signed:
            headers |= signatures(scope["headers"])
        if route.service == WEB:
            shown = {**scope, "method": "GET"} if method == "HEAD" else scope
            added = [(b"x-request-id", request_id.encode())]
            await self._web.serve(shown, receive, self._adding(send, added), headers, address)
            return
        principal, limit = None, route.limit
        if route.by_key and has_key(headers):
            limit = route.by_key  # its service knows whether it is the key
        elif route.who == SIGNED_IN:
            principal = await self._authenticator.principal(headers.get("Authorization"))
        counted = self._limits.take(limit, principal.id if principal else address) or counted
        counted = [*counted, (b"x-request-id", request_id.encode())]
        if route.service == OWN:
            scope = {**scope, "method": "GET"}  # to HEAD the server answers without the body by itself
            await self._own(scope, receive, self._adding(send, counted))
            return
        if route.service == LIVE:
            assert self.streams is not None
            await self.streams.serve(scope, receive, self._adding(send, counted), headers, principal or address)
            return
        status = await self._forward(scope, receive, send, route, path, headers, counted)
        self._observe(route.service, status, started)

    async def _forward(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        route: ProxyRoute,
        path: str,
        headers: dict[str, str],
        counted: list[Header],
    ) -> int:
        assert self.proxy is not None
        method: str = scope["method"]
        query: bytes = scope["query_string"]
        target = f"{path}?{query.decode('ascii')}" if query else path
        if route.files:
            return await self._pass(scope, receive, send, route.service, target, headers, counted)
        body = None if method in ("GET", "HEAD") else await read_body(scope, receive)
        answer = await self.proxy.ask(route.service, "GET" if method == "HEAD" else method, target, headers, body)
        given = outward(answer.headers)
        if route.who == SIGNED_IN:
            given += unkept(given)
        if answer.status not in (204, 304):
            given.append((b"content-length", b"%d" % len(answer.body)))
        given += counted
        given += self._security
        await send({"type": "http.response.start", "status": answer.status, "headers": given})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})
        return answer.status

    async def _pass(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        service: str,
        target: str,
        headers: dict[str, str],
        counted: list[Header],
    ) -> int:
        """Let a file through, in or out, as it comes."""
        assert self.proxy is not None
        body = body_of(scope, receive, headers) if scope["method"] == "POST" else None
        method, chunks = ("POST", body.chunks()) if body else ("GET", None)
        try:
            async with self.proxy.stream(service, method, target, headers, chunks) as answer:
                raw = answer.raw_headers
                given = file_headers(answer.status, raw, outward(raw), [*counted, *self._security])
                await send({"type": "http.response.start", "status": answer.status, "headers": given})
                if scope["method"] == "HEAD":
                    await send({"type": "http.response.body", "body": b""})
                else:
                    await hand_out(answer.content.iter_any(), send)
                return answer.status
        except Problem:
            if body is not None and body.failure is not None:
                raise body.failure from None
            raise

    def _adding(self, send: Send, headers: list[Header]) -> Send:
        """`send`, with headers added to the start of the answer."""

        async def adding(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers, *self._security]
            await send(message)

        return adding

    def _observe(self, service: str, status: int, started: float) -> None:
        key = (service, status)
        histogram = self._observed.get(key)
        if histogram is None:
            histogram = self._observed[key] = SECONDS.labels(service, str(status))
        histogram.observe(time.perf_counter() - started)


def is_for_people(scope: Scope) -> bool:
    """Whether a browser asks for a page: an address of pages, and an answer in HTML is welcome."""
    if not is_page(scope["path"]) or scope["path"] in ("/docs", "/docs.css"):
        return False
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def readable(scope: Scope) -> Request:
    """The request as far as an answer may depend on it: a strange path or Host is not looked at again."""
    path = scope["path"] if PATH.fullmatch(scope["raw_path"]) else "/"
    languages = [(name, value) for name, value in scope["headers"] if name == b"accept-language"]
    return Request({**scope, "path": path, "raw_path": path.encode(), "headers": languages})


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The body, bounded by count. Raises TooLargeError, UnsupportedMediaTypeError, ClientGoneError."""
    if any(name == b"content-encoding" for name, _ in scope["headers"]):
        raise UnsupportedMediaTypeError
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(BODY_SECONDS):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGoneError
                chunk: bytes = message.get("body", b"")
                size += len(chunk)
                if size > MAX_BYTES:
                    raise TooLargeError
                if not message.get("more_body", False):
                    return b"".join((*chunks, chunk)) if chunks else chunk
                chunks.append(chunk)
    except TimeoutError:
        raise ClientGoneError from None
