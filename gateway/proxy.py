"""Forwarding to the replicas of a service in turn: over a pool of connections each, and files by one client for all."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import structlog
from yarl import URL

from gateway.headers import has_request_key
from gateway.pool import (
    CONNECT_SECONDS,
    IDLE_SECONDS,
    MAX_CONNECTIONS,
    BrokenError,
    Pool,
    ServiceAnswer,
    UnreachableError,
)
from gateway.routes import REQUESTS, ROUTING, RouteTable, is_repeatable
from shared.client_address import CLIENT_ADDRESS
from shared.errors import Problem, UnavailableError

TOTAL_SECONDS = 15.0
UNREACHABLE_SECONDS = 2.0
FILE_TIMES = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=75.0)
"""A file has no limit in all, only between two chunks, which includes checking and scanning it."""
TRY_AGAIN = {"Retry-After": "2"}
REQUEST_PATH = re.compile(r"/api/v1/requests/(?P<number>[Rr][Bb][^/?]*)(?:\?.*)?")
PASSED_ON = ("Authorization", "Accept-Language", "User-Agent", "X-Request-Id", "traceparent", CLIENT_ADDRESS)

log = structlog.get_logger(__name__)


class UpstreamTimeoutError(Problem, code="unavailable", status=504):
    """The service did not answer in time; it may have carried out the request."""


class NotYetHereError(UnavailableError, code="not-yet-here"):
    """The reader's department has the request; its details are on their way."""


@dataclass
class Upstream:
    """The replicas of a service. One that could not be reached is tried last for a moment."""

    name: str
    replicas: Sequence[str]
    _next: int = 0
    _unreachable: dict[str, float] = field(default_factory=dict)

    def in_turn(self) -> list[str]:
        """All replicas, beginning with the next in turn; unreachable ones come last."""
        count = len(self.replicas)
        if count == 1:
            return [*self.replicas]
        self._next = (self._next + 1) % count
        turn = [*self.replicas[self._next :], *self.replicas[: self._next]]
        if self._unreachable:
            now = time.monotonic()
            self._unreachable = {url: until for url, until in self._unreachable.items() if until > now}
            turn.sort(key=self._unreachable.__contains__)
        return turn

    def mark_unreachable(self, replica: str) -> None:
        """Try this replica last for a moment."""
        self._unreachable[replica] = time.monotonic() + UNREACHABLE_SECONDS


class Proxy:
    """Sends requests of clients to services."""

    def __init__(self, http: aiohttp.ClientSession, replicas: Mapping[str, Sequence[str]]) -> None:
        self.http = http
        self._table = RouteTable()
        self._upstreams = {name: Upstream(name, urls) for name, urls in replicas.items()}
        self._pools = {url: Pool(url) for urls in replicas.values() for url in urls}

    def close(self) -> None:
        """Close the idle connections."""
        for pool in self._pools.values():
            pool.close()

    async def ask(
        self, service: str, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> ServiceAnswer:
        """Send a request for `target` (path and query, both checked) and return the response.

        Raises UnavailableError if no replica can be reached, UpstreamTimeoutError if it takes too long, and
        NotYetHereError. Another replica is tried only if the first cannot have received the request, or if the
        request may be repeated.
        """
        answer = await self._ask(service, method, target, headers, body)
        if answer.status == 404:
            await self._require_arrived(service, target, headers)
        return answer

    async def _require_arrived(self, service: str, target: str, headers: Mapping[str, str]) -> None:
        """After a 404 for a request: raises NotYetHereError if the reader's department has it already.

        The department learns of a request from routing, and until requests has processed the same event, it answers
        404, as it does for another department's request. The gateway tells the two cases apart by asking routing with
        the reader's own token (docs/adr/0030). Addresses below a request are known only after reading the request.
        """
        request = REQUEST_PATH.fullmatch(target)
        if service != REQUESTS or request is None or "Authorization" not in headers or has_request_key(headers):
            return
        passed_on = {name: headers[name] for name in PASSED_ON if name in headers}
        if (await self._ask(ROUTING, "GET", f"/api/v1/assignments/{request['number']}", passed_on)).status == 200:
            raise NotYetHereError(after=1)

    async def _ask(
        self, service: str, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> ServiceAnswer:
        upstream = self._upstreams[service]
        repeatable = method == "GET" or ("Idempotency-Key" in headers and is_repeatable(self._table, method, target))
        turn = upstream.in_turn()
        for replica in turn if len(turn) > 1 else turn * 2:
            try:
                async with asyncio.timeout(TOTAL_SECONDS):
                    return await self._pools[replica].ask(method, target, headers, body)
            except UnreachableError as error:
                upstream.mark_unreachable(replica)
                log.warning("proxy.unreachable", upstream=service, replica=replica, error=str(error))
            except TimeoutError:
                log.warning("proxy.timeout", upstream=service, replica=replica)
                raise UpstreamTimeoutError(headers=TRY_AGAIN) from None
            except BrokenError:
                log.warning("proxy.broken", upstream=service, replica=replica, error="BrokenError")
                if not repeatable:
                    break
        raise UnavailableError

    @asynccontextmanager
    async def stream(
        self,
        service: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: AsyncIterator[bytes] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """Stream a body to the service, and its response back.

        Raises the same errors as `ask`. Another replica is tried only if the first received nothing of the body.
        """
        upstream = self._upstreams[service]
        for replica in upstream.in_turn():
            url = URL(replica + target, encoded=True)
            try:
                answer = await self.http.request(
                    method, url, headers=headers, data=body, allow_redirects=False, timeout=FILE_TIMES
                )
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                upstream.mark_unreachable(replica)
                log.warning("proxy.unreachable", upstream=service, replica=replica, error=type(error).__name__)
            except TimeoutError:
                log.warning("proxy.timeout", upstream=service, replica=replica)
                raise UpstreamTimeoutError(headers=TRY_AGAIN) from None
            except aiohttp.ClientError as error:
                log.warning("proxy.broken", upstream=service, replica=replica, error=type(error).__name__)
                break
            else:
                async with answer:
                    if answer.status == 404:
                        await self._require_arrived(service, target, headers)
                    yield answer
                return
        raise UnavailableError


@asynccontextmanager
async def http_client() -> AsyncIterator[aiohttp.ClientSession]:
    """The pooled HTTP client. It follows no redirects, decompresses nothing and keeps no cookies."""
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=MAX_CONNECTIONS, keepalive_timeout=IDLE_SECONDS)
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=TOTAL_SECONDS, sock_connect=CONNECT_SECONDS),
        auto_decompress=False,
        skip_auto_headers=("User-Agent", "Accept", "Accept-Encoding", "Content-Type"),
        trust_env=False,
    )
    async with session:
        yield session
    await asyncio.sleep(0)  # lets the loop close the transports
