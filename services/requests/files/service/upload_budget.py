"""The bytes of uploads that this process holds at once. Further uploads wait; their senders are held back.

Quick and slow uploads have a pool each, so that a few slow senders never block the others: an upload begins in the
quick pool and moves to the slow one when it takes long.
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
"""So many slow uploads of one account at once."""


@dataclass
class Pool:
    """So many bytes, granted first come, first served."""

    left: int
    waiting: deque[tuple[int, asyncio.Future[None]]] = field(default_factory=deque)

    def take_now(self, size: int) -> bool:
        """Take bytes if there are enough and no upload waits."""
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
        """Give bytes back; the upload that has waited longest gets them."""
        self.left += size
        while self.waiting and self.waiting[0][0] <= self.left:
            wanted, first = self.waiting.popleft()
            if not first.done():
                self.left -= wanted
                first.set_result(None)


class Slot:
    """The bytes that one upload holds."""

    def __init__(self, size: int, part: Pool) -> None:
        self.size = size
        self.part = part
        self.slow = False
        self.is_whole = False

    def whole(self) -> None:
        """The file has arrived: from here on it is we who take the time."""
        self.is_whole = True


class UploadBudget:
    """`most` bytes in all. An upload that waits longer than `seconds` for its bytes is refused.

    An upload that has not arrived after `quick` seconds moves to the slow pool. It is refused if that is full, or if
    its account has its share of it already.
    """

    def __init__(self, most: int, seconds: float = 15.0, quick: float = QUICK_SECONDS) -> None:
        slow = int(most * SLOW_SHARE)
        self._quick, self._slow = Pool(most - slow), Pool(slow)
        self._slow_of: Counter[str] = Counter()
        self._seconds = seconds
        self._quick_seconds = quick

    @asynccontextmanager
    async def of(self, size: int, who: str = "") -> AsyncIterator[Slot]:
        """Hold `size` bytes while the context is open. Raises UnavailableError."""
        try:
            await self._quick.take(size, self._seconds)
        except TimeoutError:
            raise UnavailableError(headers={"Retry-After": "5"}) from None
        place = Slot(size, self._quick)
        limit = asyncio.timeout(None)
        try:
            async with limit:
                moving = asyncio.get_running_loop().call_later(self._quick_seconds, self._move, place, who, limit)
                try:
                    yield place
                finally:
                    moving.cancel()
        except TimeoutError:
            if limit.expired():
                raise UnavailableError(headers={"Retry-After": "30"}) from None
            raise
        finally:
            place.part.give_back(size)
            if place.slow:
                self._slow_of[who] -= 1

    def _move(self, place: Slot, who: str, limit: asyncio.Timeout) -> None:
        """Move an upload that lasts, or end it where there is no room among the slow ones."""
        if place.is_whole:
            return
        if self._slow_of[who] >= MAX_SLOW_OF_ONE or not self._slow.take_now(place.size):
            limit.reschedule(asyncio.get_running_loop().time())
            return
        self._quick.give_back(place.size)
        self._slow_of[who] += 1
        place.part, place.slow = self._slow, True
