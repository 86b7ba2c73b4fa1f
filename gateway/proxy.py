"""Forwarding: one pooled client for all services, replicas in turn, the next one when one is gone."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
import structlog
from yarl import URL

from gateway.arriving import MISSING, demand_arrived
from gateway.routes import RouteTable, is_keyed
from shared.errors import Problem, UnavailableError

PER_HOST = 256
CONNECT_SECONDS = 2.0
TOTAL_SECONDS = 15.0
REST_SECONDS = 2.0
IDLE_SECONDS = 30.0
FILE_TIMES = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS, sock_read=75.0)
"""A file may take its time; between two pieces, and for checking and scanning it, there is a limit."""
TRY_AGAIN = {"Retry-After": "2"}

log = structlog.get_logger(__name__)


class UpstreamTimeoutError(Problem):
    """The service took longer than anybody waits; it may have done what was asked."""

    status, code = 504, "unavailable"


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    """What a service answered."""

    status: int
    headers: Sequence[tuple[bytes, bytes]]
    body: bytes


@dataclass
class Upstream:
    """The replicas of one service. One that could not be reached rests for a moment before it is asked again."""

    name: str
    replicas: Sequence[str]
    _next: int = 0
    _resting: dict[str, float] = field(default_factory=dict)

    def in_turn(self) -> list[str]:
        """All replicas, beginning with the one whose turn it is; those that rest come last."""
        count = len(self.replicas)
        if count == 1:
            return [*self.replicas]
        self._next = (self._next + 1) % count
        turn = [*self.replicas[self._next :], *self.replicas[: self._next]]
        if self._resting:
            now = time.monotonic()
            self._resting = {url: until for url, until in self._resting.items() if until > now}
            turn.sort(key=self._resting.__contains__)
        return turn

    def rest(self, replica: str) -> None:
        """Ask this one last for a while."""
        self._resting[replica] = time.monotonic() + REST_SECONDS


class Proxy:
    """Asks services on behalf of clients."""

    def __init__(self, http: aiohttp.ClientSession, replicas: Mapping[str, Sequence[str]]) -> None:
        self.http = http
        self._table = RouteTable()
        self._upstreams = {name: Upstream(name, urls) for name, urls in replicas.items()}

    async def ask(
        self, service: str, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> ServiceAnswer:
        """The service's answer to a request for `target` (path and query, both checked).

        Raises UnavailableError when no replica can be reached, UpstreamTimeoutError when it takes too long,
        NotYetHereError. A request goes to another replica only if it cannot have been taken in, or may be repeated.
        """
        answer = await self._ask(service, method, target, headers, body)
        if answer.status == MISSING:
            await demand_arrived(self._status, service, target, headers)
        return answer

    async def _status(self, service: str, target: str, headers: Mapping[str, str]) -> int:
        return (await self._ask(service, "GET", target, headers)).status

    async def _ask(
        self, service: str, method: str, target: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> ServiceAnswer:
        upstream = self._upstreams[service]
        repeatable = method == "GET" or ("Idempotency-Key" in headers and is_keyed(self._table, method, target))
        turn = upstream.in_turn()
        for replica in turn if len(turn) > 1 else turn * 2:
            try:
                async with self.http.request(
                    method, URL(replica + target, encoded=True), headers=headers, data=body, allow_redirects=False
                ) as answer:
                    return ServiceAnswer(answer.status, answer.raw_headers, await answer.read())
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                upstream.rest(replica)
                log.warning("proxy.unreachable", upstream=service, replica=replica, error=type(error).__name__)
            except TimeoutError:
                log.warning("proxy.timeout", upstream=service, replica=replica)
                raise UpstreamTimeoutError(headers=TRY_AGAIN) from None
            except aiohttp.ClientError as error:
                log.warning("proxy.broken", upstream=service, replica=replica, error=type(error).__name__)
                if not repeatable:
                    break
        raise UnavailableError(headers=TRY_AGAIN)

    @asynccontextmanager
    async def stream(
        self,
        service: str,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: AsyncIterator[bytes] | None = None,
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        """The service's answer as it comes, to a body that goes as it comes.

        Raises what `ask` raises. Only a replica that took nothing of the body is followed by another.
        """
        upstream = self._upstreams[service]
        for replica in upstream.in_turn():
            url = URL(replica + target, encoded=True)
            try:
                answer = await self.http.request(
                    method, url, headers=headers, data=body, allow_redirects=False, timeout=FILE_TIMES
                )
            except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
                upstream.rest(replica)
                log.warning("proxy.unreachable", upstream=service, replica=replica, error=type(error).__name__)
            except TimeoutError:
                log.warning("proxy.timeout", upstream=service, replica=replica)
                raise UpstreamTimeoutError(headers=TRY_AGAIN) from None
            except aiohttp.ClientError as error:
                log.warning("proxy.broken", upstream=service, replica=replica, error=type(error).__name__)
                break
            else:
                async with answer:
                    if answer.status == MISSING:
                        await demand_arrived(self._status, service, target, headers)
                    yield answer
                return
        raise UnavailableError(headers=TRY_AGAIN)


@asynccontextmanager
async def client() -> AsyncIterator[aiohttp.ClientSession]:
    """The pooled HTTP client: keeps connections, follows nothing, unpacks nothing, remembers no cookies."""
    connector = aiohttp.TCPConnector(limit=0, limit_per_host=PER_HOST, keepalive_timeout=IDLE_SECONDS)
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
    await asyncio.sleep(0)  # lets closed transports leave the loop
