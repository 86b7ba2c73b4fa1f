"""Sends messages of a department's feed again, to one of its queues: the same messages with the same numbers."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from services.routing.directory import Directory
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


@dataclass(frozen=True)
class Replayed:
    """What was sent: how many, the last number of them, and whether there is more."""

    queue: str
    sent: int
    upto: int
    more: bool


@dataclass(frozen=True)
class Target:
    """A queue, and the feed whose messages it gets."""

    queue: str
    feed: str


class Replaying:
    """The use case."""

    def __init__(self, feed: FeedStore, directory: Directory, publisher: Publisher) -> None:
        self._feed = feed
        self._directory = directory
        self._publisher = publisher

    async def replay(self, code: str, name: str | None, after: int | datetime, by: str) -> Replayed:
        """Send what follows a number, or was stored from a time on, to a department's own or further queue.

        Raises NotFoundError; UnavailableError when the broker did not take it, and then it can be repeated.
        """
        target = target_of(await self._department(code), name)
        start = after if isinstance(after, int) else await self._feed.before(target.feed, after)
        newest, last, sent = await self._feed.newest(target.feed), start, 0
        while sent < MAX_REPLAYED and (entries := await self._feed.after(target.feed, last, BATCH)):
            if not all(await self._publisher.publish([copy_for(target.queue, entry) for entry in entries])):
                raise UnavailableError
            last, sent = entries[-1].number, sent + len(entries)
        log.info("department.replayed", department=code, queue=target.queue, messages=sent, by=by)
        return Replayed(target.queue, sent, last if sent else newest, last < newest and sent > 0)

    async def _department(self, code: str) -> DepartmentRecord:
        await self._directory.refresh()
        department = self._directory.departments.get(code)
        if department is None:
            raise NotFoundError
        return department


def target_of(department: DepartmentRecord, name: str | None) -> Target:
    """A department's own queue, or a further one by its name. Raises NotFoundError."""
    if name is None:
        return Target(department.queue, department.id)
    for queue in department.further_queues:
        if queue.name == name:
            return Target(queue.queue, feed_name(department.id, test=queue.kind == "test"))
    raise NotFoundError
