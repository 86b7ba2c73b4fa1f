"""Which messages a citizen has read on the portal."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from services.notifier.models import Notification
from services.notifier.store.read_marks import ReadMarkStore
from shared.clock import Clock, utc_now

MAX_COUNTED = 100
"""Unread messages are counted up to here: more is "many"."""
NEW_FOR = timedelta(days=30)
"""Older messages count as read, also those that were sent before there was a read state."""


class ReadMarks:
    """The use cases of the read state."""

    def __init__(self, store: ReadMarkStore, clock: Clock = utc_now) -> None:
        self._store = store
        self._clock = clock

    async def unread(self, citizen_id: str) -> int:
        """How many messages a citizen has not read, up to `MAX_COUNTED`."""
        return await self._store.unread(citizen_id, self._clock() - NEW_FOR, MAX_COUNTED)

    async def mark(self, citizen_id: str, ids: Sequence[str], up_to: str | None) -> int:
        """Mark one's own messages among the ids, and those up to one, as read; how many are left unread.

        Ids that are not one's own are left alone, so that nobody learns whether they exist.
        """
        if ids:
            await self._store.mark(citizen_id, ids, self._clock())
        if up_to is not None:
            await self._store.mark_up_to(citizen_id, up_to, self._clock())
        return await self.unread(citizen_id)


def is_read(notification: Notification, now: datetime) -> bool:
    """Whether a message is shown as read."""
    return notification.read_at is not None or notification.created_at < now - NEW_FOR
