"""Sessions that were ended: an access token of one is refused within five seconds, though it lives for ten minutes."""

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
    """How a session is named in the published list."""
    return hashlib.sha256(session.encode()).hexdigest()[:32]


class Revocations:
    """The sessions that identity says were ended, asked for again when what is known is two seconds old.

    While identity is away the last list holds: an access token ends by itself within ten minutes.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._ended: frozenset[str] = frozenset()
        self._asked = float("-inf")
        self._asking = asyncio.Lock()

    async def hold(self, session: str) -> bool:
        """Whether that session was ended."""
        age = time.monotonic() - self._asked
        if age > FRESH and (age > STALE or not self._asking.locked()):
            async with self._asking:
                if time.monotonic() - self._asked > FRESH:
                    await self._ask()
        return bool(self._ended) and digest_of(session) in self._ended

    async def _ask(self) -> None:
        began = time.monotonic()
        try:
            async with aiohttp.ClientSession(timeout=TIMEOUT) as http, http.get(self._url) as answer:
                answer.raise_for_status()
                self._ended = frozenset((await answer.json(content_type=None))["ended"])
            self._asked = began
        except (aiohttp.ClientError, TimeoutError, ValueError, KeyError, TypeError) as error:
            log.warning("auth.revocations_away", error=type(error).__name__)
            self._asked = time.monotonic()
