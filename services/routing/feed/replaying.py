"""Sends messages of a department's feed again, to one of its queues: the same messages with the same numbers."""

from datetime import datetime

import structlog

from services.routing.directory import Directory
from services.routing.feed import schemas
from services.routing.feed.models import feed_name
from services.routing.feed.publishing import copy_for
from services.routing.feed.store import FeedStore
from services.routing.models.directory import DepartmentRecord
from shared.bus import Publisher
from shared.errors import NotFoundError, UnavailableError

BATCH = 200
MAX_REPLAYED = 5000
"""The most messages of one call; the next continues."""

log = structlog.get_logger(__name__)


class Replaying:
    """The use case."""

    def __init__(self, feed: FeedStore, directory: Directory, publisher: Publisher) -> None:
        self._feed = feed
        self._directory = directory
        self._publisher = publisher

    async def replay(self, code: str, name: str | None, after: int | datetime, by: str) -> schemas.ReplayResult:
        """Send what follows a number, or was stored from a time on, to a department's own or further queue.

        Raises NotFoundError; UnavailableError when the broker did not take it, and then it can be repeated.
        """
        queue, feed = target_of(await self._department(code), name)
        start = after if isinstance(after, int) else await self._feed.before(feed, after)
        newest, last, sent = await self._feed.newest(feed), start, 0
        while sent < MAX_REPLAYED and (entries := await self._feed.after(feed, last, BATCH)):
            if not all(await self._publisher.publish([copy_for(queue, entry) for entry in entries])):
                raise UnavailableError
            last, sent = entries[-1].number, sent + len(entries)
        log.info("department.replayed", department=code, queue=queue, messages=sent, by=by)
        more = last < newest and sent > 0
        return {"queue": queue, "sent": sent, "upto": last if sent else newest, "more": more}

    async def _department(self, code: str) -> DepartmentRecord:
        await self._directory.refresh()
        department = self._directory.departments.get(code)
        if department is None:
            raise NotFoundError
        return department


def target_of(department: DepartmentRecord, name: str | None) -> tuple[str, str]:
    """A department's own queue, or a further one by its name, and the feed that it gets. Raises NotFoundError."""
    if name is None:
        return department.queue, department.id
    for queue in department.further_queues:
        if queue.name == name:
            return queue.queue, feed_name(department.id, test=queue.kind == "test")
    raise NotFoundError
