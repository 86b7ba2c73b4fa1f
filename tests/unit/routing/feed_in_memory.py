"""A feed in memory with the promises of `FeedStore`: numbers without a gap, the same number for the same event."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime

from services.routing.feed.models import FeedEntry, FeedMessage
from tests.fakes import FakeClock


class FeedInMemory:
    """All feeds. `on_write` and `on_written` are called around each write and may raise."""

    def __init__(self, clock: FakeClock | None = None) -> None:
        self.clock = clock or FakeClock()
        self.feeds: dict[str, list[FeedEntry]] = {}
        self.on_write: Callable[[], None] = lambda: None
        self.on_written: Callable[[], None] = lambda: None

    async def append(self, messages: Sequence[FeedMessage]) -> list[FeedEntry]:
        """Number and store messages; those that are there already keep their entry."""
        await asyncio.sleep(0)
        self.on_write()
        entries = [self._entry(message) for message in messages]
        self.on_written()
        return entries

    async def after(self, feed: str, number: int, limit: int) -> list[FeedEntry]:
        """The entries with a later number."""
        return [entry for entry in self.feeds.get(feed, []) if entry.number > number][:limit]

    async def newest(self, feed: str) -> int:
        """The newest number."""
        return len(self.feeds.get(feed, []))

    async def oldest(self, feed: str) -> int:
        """The oldest number."""
        return 1 if self.feeds.get(feed) else 0

    async def before(self, feed: str, at: datetime) -> int:
        """The last number that was stored before a time."""
        return sum(entry.stored_at < at for entry in self.feeds.get(feed, []))

    async def forget_citizen(self, subject: str, citizen_id: str) -> int:
        """Tests of this are with the real store."""
        return 0

    def _entry(self, message: FeedMessage) -> FeedEntry:
        entries = self.feeds.setdefault(message.feed, [])
        for entry in entries:
            if entry.message.key == message.key:
                return entry
        entries.append(FeedEntry(message, len(entries) + 1, self.clock.now()))
        return entries[-1]
