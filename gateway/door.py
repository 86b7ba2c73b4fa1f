"""The door: what happens to each request, in this order: path, route, address, token, limits, then on its way."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass, field

import structlog
from prometheus_client import Histogram
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.addresses import client_address
from gateway.headers import (
    Header,
    default_no_store,
    forwarded_headers,
    has_request_key,
    new_request_id,
    partner_of,
    require_unambiguous_head,
    returned_headers,
    signature_headers,
)
from gateway.limits import ADDRESS, PARTNER, Limits
from gateway.live.streams import LiveStreams
from gateway.open311.formats import error_answer
from gateway.open311.reading import PREFIX, form_of
from gateway.open311.server import Open311
from gateway.proxy import Proxy
from gateway.routes import LIVE, OPEN311, OWN, PATH, SIGNED_IN, WEB, ProxyRoute, RouteTable, checked_path, is_page
from gateway.streaming import ClientGoneError, file_headers, send_chunks, streamed_body
from gateway.web.app import Web
from shared.auth import Authenticator
from shared.errors import Problem, language_of, problem_response
from shared.jsonbody import MAX_BYTES, TooLargeError, UnsupportedMediaTypeError

BODY_SECONDS = 15.0
SECONDS = Histogram(
    "rabta_gateway_request_seconds",
    "Time from request to answer, by upstream service and status",
    ["service", "status"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0),
)

log = structlog.get_logger(__name__)


@dataclass
class Door:
    """The ASGI application that every request reaches first. `own` serves the gateway's own pages.

    `proxy` and `streams` are set before the first request.
    """

    own: ASGIApp
    limits: Limits
    authenticator: Authenticator
    security_headers: list[Header]
    web: Web
    open311: Open311
    trusted_proxies: int = 0
    proxy: Proxy | None = None
    streams: LiveStreams | None = None
    _table: RouteTable = field(default_factory=RouteTable)
    _histograms: dict[tuple[str, int], Histogram] = field(default_factory=dict)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.own(scope, receive, send)
            return
        request_id = new_request_id()
        try:
            await self._dispatch(scope, receive, send, request_id)
        except Problem as problem:
            await self._refuse(problem, scope, receive, send, request_id)
        except ClientGoneError:
            return
        except Exception as error:
            log.error("door.failed", request_id=request_id, error=type(error).__name__, exc_info=error)
            with suppress(RuntimeError):  # if the response had begun, the server closes the connection
                await self._refuse(Problem(), scope, receive, send, request_id)

    async def _refuse(self, problem: Problem, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        send = self._with_headers(send, [(b"x-request-id", request_id.encode())])
        if wants_page(scope):
            address = client_address(scope, self.trusted_proxies)
            headers = forwarded_headers(scope["headers"], request_id, address)
            await self.web.refuse(problem, scope, receive, send, headers, address)
            return
        request = safe_request(scope)
        if scope["path"].startswith(PREFIX):
            refusal = error_answer(problem, form_of(scope["path"]), language_of(request.headers))
            await refusal(scope, receive, send)
            return
        await problem_response(problem, request)(scope, receive, send)

    async def _dispatch(self, scope: Scope, receive: Receive, send: Send, request_id: str) -> None:
        started = time.perf_counter()
        require_unambiguous_head(scope["headers"])
        method, query = scope["method"], scope["query_string"]
        path = checked_path(scope["raw_path"], query)
        route = self._table.find(method, path)
        address = client_address(scope, self.trusted_proxies)
        added = self.limits.take(ADDRESS, address)
        headers = forwarded_headers(scope["headers"], request_id, address)
        if route.signed:
            headers |= signature_headers(scope["headers"])
        if route.service == WEB:
            page_scope = {**scope, "method": "GET"} if method == "HEAD" else scope
            added = [(b"x-request-id", request_id.encode())]
            await self.web.serve(page_scope, receive, self._with_headers(send, added), headers, address)
            return
        principal, limit = None, route.limit
        if route.by_key and has_request_key(headers):
            limit = route.by_key  # the service checks the key
        elif route.access == SIGNED_IN:
            principal = await self.authenticator.principal(headers.get("Authorization"))
        partner = partner_of(headers) if limit == PARTNER else ""
        caller = principal.id if principal else partner or address
        added = self.limits.take(limit, caller) or added
        added = [*added, (b"x-request-id", request_id.encode())]
        if route.service == OWN:
            scope = {**scope, "method": "GET"}  # the server itself omits the body for HEAD
            await self.own(scope, receive, self._with_headers(send, added))
            return
        if route.service == OPEN311:
            body = await read_body(scope, receive) if method == "POST" else b""
            scope = {**scope, "method": "GET"} if method == "HEAD" else scope
            await self.open311.serve(scope, receive, self._with_headers(send, added), headers, body)
            return
        if route.service == LIVE:
            assert self.streams is not None
            await self.streams.serve(scope, receive, self._with_headers(send, added), headers, principal or address)
            return
        status = await self._forward(scope, receive, send, route, path, headers, added)
        self._observe(route.service, status, started)

    async def _forward(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        route: ProxyRoute,
        path: str,
        headers: dict[str, str],
        added: list[Header],
    ) -> int:
        assert self.proxy is not None
        method: str = scope["method"]
        query: bytes = scope["query_string"]
        target = f"{path}?{query.decode('ascii')}" if query else path
        if route.files:
            return await self._forward_file(scope, receive, send, route.service, target, headers, added)
        body = None if method in ("GET", "HEAD") else await read_body(scope, receive)
        answer = await self.proxy.ask(route.service, "GET" if method == "HEAD" else method, target, headers, body)
        returned = returned_headers(answer.headers)
        if route.access == SIGNED_IN:
            returned += default_no_store(returned)
        if answer.status not in (204, 304):
            returned.append((b"content-length", b"%d" % len(answer.body)))
        returned += added
        returned += self.security_headers
        await send({"type": "http.response.start", "status": answer.status, "headers": returned})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})
        return answer.status

    async def _forward_file(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        service: str,
        target: str,
        headers: dict[str, str],
        added: list[Header],
    ) -> int:
        """Stream a file to the service or to the client."""
        assert self.proxy is not None
        body = streamed_body(scope, receive, headers) if scope["method"] == "POST" else None
        method, chunks = ("POST", body.chunks()) if body else ("GET", None)
        try:
            async with self.proxy.stream(service, method, target, headers, chunks) as answer:
                raw = answer.raw_headers
                returned = file_headers(answer.status, raw, returned_headers(raw), [*added, *self.security_headers])
                await send({"type": "http.response.start", "status": answer.status, "headers": returned})
                if scope["method"] == "HEAD":
                    await send({"type": "http.response.body", "body": b""})
                else:
                    await send_chunks(answer.content.iter_any(), send)
                return answer.status
        except Problem:
            if body is not None and body.failure is not None:
                raise body.failure from None
            raise

    def _with_headers(self, send: Send, headers: list[Header]) -> Send:
        """`send`, with these and the security headers added to the response."""

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *headers, *self.security_headers]
            await send(message)

        return send_with_headers

    def _observe(self, service: str, status: int, started: float) -> None:
        key = (service, status)
        histogram = self._histograms.get(key)
        if histogram is None:
            histogram = self._histograms[key] = SECONDS.labels(service, str(status))
        histogram.observe(time.perf_counter() - started)


def wants_page(scope: Scope) -> bool:
    """Whether a browser requests a page: the address of a page, and HTML is accepted."""
    if not is_page(scope["path"]) or scope["path"] in ("/docs", "/docs.css") or scope["path"].startswith("/docs/"):
        return False
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def safe_request(scope: Scope) -> Request:
    """The request as far as an error response may use it: only its language, and its path if that is harmless."""
    path = scope["path"] if PATH.fullmatch(scope["raw_path"]) else "/"
    languages = [(name, value) for name, value in scope["headers"] if name == b"accept-language"]
    return Request({**scope, "path": path, "raw_path": path.encode(), "headers": languages})


async def read_body(scope: Scope, receive: Receive) -> bytes:
    """The body, of at most MAX_BYTES. Raises TooLargeError, UnsupportedMediaTypeError, ClientGoneError."""
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
