"""How many bytes of files this process has in hand at once: more uploads wait, with their senders held back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from shared.errors import UnavailableError


class Room:
    """Room for so many bytes. Who waits longer than `seconds` is sent away for now."""

    def __init__(self, most: int, seconds: float = 15.0) -> None:
        self._left = most
        self._seconds = seconds
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def of(self, size: int) -> AsyncIterator[None]:
        """Room for a file of `size` bytes while the context is open. Raises UnavailableError."""
        try:
            async with asyncio.timeout(self._seconds), self._changed:
                await self._changed.wait_for(lambda: self._left >= size)
                self._left -= size
        except TimeoutError:
            raise UnavailableError(headers={"Retry-After": "5"}) from None
        try:
            yield
        finally:
            async with self._changed:
                self._left += size
                self._changed.notify_all()
