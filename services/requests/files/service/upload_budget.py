"""The memory for uploads in progress. Further uploads wait.

Quick and slow uploads have separate pools, so that slow senders do not block the others: an upload starts in the quick
pool and moves to the slow one when it takes long.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from shared.errors import UnavailableError

SLOW_SHARE = 0.4
QUICK_SECONDS = 20.0
MAX_SLOW_OF_ONE = 2
"""Slow uploads of one account at once."""


@dataclass
class BytePool:
    """A number of bytes, granted in order of arrival."""

    left: int
    waiting: deque[tuple[int, asyncio.Future[None]]] = field(default_factory=deque)

    def take_now(self, size: int) -> bool:
        """Take bytes if there are enough and nobody waits."""
        if self.waiting or self.left < size:
            return False
        self.left -= size
        return True

    async def take(self, size: int, seconds: float) -> None:
        """Wait for bytes. Raises TimeoutError."""
        if self.take_now(size):
            return
        mine: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.waiting.append((size, mine))
        try:
            async with asyncio.timeout(seconds):
                await mine
        except BaseException:
            if mine.done() and not mine.cancelled():
                self.give_back(size)
            else:
                self.waiting.remove((size, mine))
                self.give_back(0)
            raise

    def give_back(self, size: int) -> None:
        """Return bytes; they go to the upload that has waited longest."""
        self.left += size
        while self.waiting and self.waiting[0][0] <= self.left:
            wanted, first = self.waiting.popleft()
            if not first.done():
                self.left -= wanted
                first.set_result(None)


@dataclass
class Slot:
    """The bytes of one upload. Once it is complete the sender is no longer to blame for the time it takes."""

    size: int
    pool: BytePool
    slow: bool = False
    complete: bool = False


class UploadBudget:
    """`most` bytes in total. An upload that waits longer than `seconds` for its bytes is refused.

    An upload that has not arrived after `quick` seconds moves to the slow pool. It is refused if that is full, or if
    its account already has MAX_SLOW_OF_ONE slow uploads.
    """

    def __init__(self, most: int, seconds: float = 15.0, quick: float = QUICK_SECONDS) -> None:
        slow = int(most * SLOW_SHARE)
        self._quick, self._slow = BytePool(most - slow), BytePool(slow)
        self._slow_of: Counter[str] = Counter()
        self._seconds = seconds
        self._quick_seconds = quick

    @asynccontextmanager
    async def hold(self, size: int, account: str = "") -> AsyncIterator[Slot]:
        """Hold `size` bytes while the context is open. Raises UnavailableError."""
        try:
            await self._quick.take(size, self._seconds)
        except TimeoutError:
            raise UnavailableError(after=5) from None
        slot = Slot(size, self._quick)
        limit = asyncio.timeout(None)
        try:
            async with limit:
                moving = asyncio.get_running_loop().call_later(self._quick_seconds, self._move, slot, account, limit)
                try:
                    yield slot
                finally:
                    moving.cancel()
        except TimeoutError:
            if limit.expired():
                raise UnavailableError(after=30) from None
            raise
        finally:
            slot.pool.give_back(size)
            if slot.slow:
                self._slow_of[account] -= 1

    def _move(self, slot: Slot, account: str, limit: asyncio.Timeout) -> None:
        """Move a slow upload to the slow pool, or end it if that has no room."""
        if slot.complete:
            return
        if self._slow_of[account] >= MAX_SLOW_OF_ONE or not self._slow.take_now(slot.size):
            limit.reschedule(asyncio.get_running_loop().time())
            return
        self._quick.give_back(slot.size)
        self._slow_of[account] += 1
        slot.pool, slot.slow = self._slow, True
