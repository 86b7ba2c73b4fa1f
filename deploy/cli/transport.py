"""HTTP calls of the commands, with retries while the suite is busy, and clear errors."""

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp

from deploy.local.errors import LocalError

BUSY = (429, 503, 504)
MAX_PAUSE = 30.0
PATIENCE = 120.0
CONNECTIONS = 32
AWAY: tuple[type[Exception], ...] = (aiohttp.ClientConnectionError, aiohttp.ClientPayloadError, TimeoutError)


class ApiError(LocalError):
    """An error response, with its status and problem."""

    def __init__(self, call: str, status: int, problem: Mapping[str, Any]) -> None:
        errors = [f"{e.get('pointer')} {e.get('message') or e.get('code')}" for e in problem.get("errors") or []]
        words = [problem.get("title") or problem.get("error") or "", problem.get("detail") or "", *errors]
        super().__init__(f"{call}: {status} {'; '.join(word for word in words if word)}".rstrip())
        self.status = status
        self.code = str(problem.get("type", "")).rpartition("/")[2]
        self.field_codes = {str(e.get("code")) for e in problem.get("errors") or []}


class AwayError(LocalError):
    """No response."""


@dataclass(frozen=True)
class TransportAnswer:
    """A response; `at` is its arrival on the monotonic clock."""

    status: int
    body: dict[str, Any]
    headers: Mapping[str, str]
    at: float


class Transport:
    """Calls a gateway. Repeatable calls are retried for two minutes while the suite is busy or unavailable."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self.url = url.rstrip("/")

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: Any = None,
        form: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
        repeatable: bool | None = None,
    ) -> TransportAnswer:
        """Make a call. Raises ApiError for an error response, AwayError without a response."""
        if repeatable is None:
            repeatable = method == "GET" or "Idempotency-Key" in (headers or {})
        end, pause = time.monotonic() + PATIENCE, 0.2
        while True:
            wait = pause
            try:
                async with self._http.request(
                    method, self.url + path, json=body, data=form, headers=headers, params=query
                ) as response:
                    given = await _object(response)
                    if response.status < 400:
                        return TransportAnswer(response.status, given, response.headers, time.monotonic())
                    refusal: LocalError = ApiError(f"{method} {path}", response.status, given)
                    if response.status not in BUSY or (response.status != 429 and not repeatable):
                        raise refusal
                    wait = max(pause, _seconds(response.headers.get("Retry-After")))
            except AWAY as error:
                refusal = AwayError(f"{self.url} does not answer ({type(error).__name__})")
                if not repeatable:
                    raise refusal from None
            if wait > MAX_PAUSE or time.monotonic() + wait > end:
                raise refusal
            await asyncio.sleep(wait)
            pause = min(pause * 1.5, 2.0)


@asynccontextmanager
async def transport(url: str) -> AsyncIterator[Transport]:
    """A transport with a pool of connections."""
    connector = aiohttp.TCPConnector(limit=CONNECTIONS)
    async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=20)) as http:
        yield Transport(http, url)


async def _object(response: aiohttp.ClientResponse) -> dict[str, Any]:
    try:
        given = await response.json(content_type=None)
    except ValueError:
        return {}
    return given if isinstance(given, dict) else {}


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
