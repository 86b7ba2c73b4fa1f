"""Ended sessions: their access tokens are refused within five seconds, although valid for ten minutes."""

import asyncio
import hashlib
import time

import aiohttp
import structlog

FRESH = 2.0
STALE = 4.0
TIMEOUT = aiohttp.ClientTimeout(total=0.8)

log = structlog.get_logger(__name__)


def digest_of(session: str) -> str:
    """The id of a session in the published list."""
    return hashlib.sha256(session.encode()).hexdigest()[:32]


class Revocations:
    """The ended sessions, fetched from identity when the list is two seconds old.

    While identity is down the last list is used: an access token expires within ten minutes anyway.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended: frozenset[str] = frozenset()
        self._fetched = float("-inf")
        self._fetching = asyncio.Lock()

    async def is_revoked(self, session: str) -> bool:
        """Whether that session was ended."""
        age = time.monotonic() - self._fetched
        if age > FRESH and (age > STALE or not self._fetching.locked()):
            async with self._fetching:
                if time.monotonic() - self._fetched > FRESH:
                    await self._fetch()
        return bool(self._ended) and digest_of(session) in self._ended

    async def _fetch(self) -> None:
        began = time.monotonic()
        try:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as http, http.get(self._url) as answer:
                answer.raise_for_status()
                self._ended = frozenset((await answer.json(content_type=None))["ended"])
            self._fetched = began
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            log.warning("auth.revocations_away", error=type(error).__name__)
            self._fetched = time.monotonic()
