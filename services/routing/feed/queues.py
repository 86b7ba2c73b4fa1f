"""The further queues of departments: making them, their passwords, how each stands, and trying them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from services.routing import schemas as kernel
from services.routing.broker import MANAGEMENT_ERRORS, QueueState, password_hash
from services.routing.dead_letters import dead_letter_count
from services.routing.feed import invented, schemas
from services.routing.feed.models import FeedEntry, feed_name
from services.routing.feed.publishing import copy_for
from services.routing.feed.store import FeedStore
from services.routing.models.access import MAX_QUEUES, RESERVED_NAMES, Access, FurtherQueue, QueueKind
from services.routing.models.directory import DepartmentRecord
from services.routing.service.departments import DepartmentAdmin, announce_password, credentials
from shared import events
from shared.bus import Publisher
from shared.changing import change
from shared.clock import utc_now
from shared.department_users import QueueName
from shared.errors import ConflictError, NotFoundError, UnavailableError
from shared.paging import time_text

BATCH = 200
MAX_REPLAYED = 5000
"""The most messages of one call; the next continues."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class DepartmentQueues:
    """The use cases, of a department's head and of administrators."""

    admin: DepartmentAdmin
    feed: FeedStore

    def kind_of(self, queue: QueueName) -> Literal["production", "test"] | None:
        """What a further queue is for; None where there is no such queue."""
        department = self.admin.directory.departments.get(queue.department)
        found = None if department is None else department.queues.get(queue.name or "")
        return None if found is None else found["kind"]

    async def standing(self, code: str) -> schemas.QueueStandings:
        """How a department's queues stand. Raises NotFoundError."""
        department, broker = await self.admin.get(code), await self.admin.provisioning.broker_state()
        states = None if broker is None else broker.queues
        queues = [await self._standing(department, access, states) for access in department.accesses]
        oldest, newest = await self.feed.oldest(code), await self.feed.newest(code)
        return {"department": code, "queues": queues, "oldest": oldest, "newest": newest}

    async def create(self, code: str, name: str, kind: QueueKind, by: str) -> kernel.Credentials:
        """Make a further queue with a user of its own; its password is shown this once.

        Raises NotFoundError, ConflictError, UnavailableError.
        """
        password, _ = await self.admin.new_password(None)

        def step(department: DepartmentRecord) -> None:
            if name in department.queues or name in RESERVED_NAMES:
                raise ConflictError("queue-exists")
            if len(department.queues) >= MAX_QUEUES:
                raise ConflictError("too-many-queues", most=MAX_QUEUES)
            queue = FurtherQueue(department=code, name=name, kind=kind, made_at=utc_now())
            _set_password(department, queue, password, None, by)

        return await self._change(code, name, password, step)

    async def renew(self, code: str, name: str, by: str, keep_old_hours: int | None = None) -> kernel.Credentials:
        """Give a further queue a new password; the old one ends at once, or after `keep_old_hours`.

        Raises NotFoundError, UnavailableError.
        """
        password, old_until = await self.admin.new_password(keep_old_hours)
        return await self._change(
            code,
            name,
            password,
            lambda found: _set_password(found, queue_in(found, name), password, old_until, by, renewed=True),
        )

    async def remove(self, code: str, name: str, by: str) -> None:
        """Remove a further queue with its messages and users. Raises NotFoundError, UnavailableError."""
        queue = queue_in(await self.admin.get(code), name)
        await self.admin.provisioning.require_broker()

        def step(department: DepartmentRecord) -> None:
            queue_in(department, name)
            department.remove_queue(name)
            _note(department, by)

        await change(self.admin.store, code, step)
        await self.admin.directory.refresh()
        try:
            await self.admin.provisioning.remove(queue)
        except MANAGEMENT_ERRORS:
            raise UnavailableError from None

    async def send_one_of_each(self, code: str, publisher: Publisher) -> schemas.SampleResult:
        """Put one invented message of each type into the department's test feed and test queues.

        Raises NotFoundError, UnavailableError.
        """
        department, feed, now = await self.admin.get(code), feed_name(code, test=True), utc_now()
        first = await self.feed.newest(feed) + 1
        entries = await self.feed.append(invented.one_of_each(code, department.name, first, now))
        queues = [queue.queue for queue in department.further_queues if queue.kind == "test"]
        if not all(await publisher.publish([copy_for(queue, entry) for queue in queues for entry in entries])):
            raise UnavailableError
        return {"sent": len(entries), "first": entries[0].number, "last": entries[-1].number, "queues": queues}

    async def replay(
        self, publisher: Publisher, code: str, name: str | None, after: int | datetime, by: str
    ) -> schemas.ReplayResult:
        """Send what follows a number, or was stored from a time on, to a department's own or further queue.

        Raises NotFoundError; UnavailableError when the broker did not take it, and then it can be repeated.
        """
        queue, feed = target_of(await self.admin.get(code), name)
        start = after if isinstance(after, int) else await self.feed.before(feed, after)
        newest, last, sent = await self.feed.newest(feed), start, 0
        while sent < MAX_REPLAYED and (entries := await self.feed.after(feed, last, BATCH)):
            if not all(await publisher.publish([copy_for(queue, entry) for entry in entries])):
                raise UnavailableError
            last, sent = entries[-1].number, sent + len(entries)
        log.info("department.replayed", department=code, queue=queue, messages=sent, by=by)
        more = last < newest and sent > 0
        return {"queue": queue, "sent": sent, "upto": last if sent else newest, "more": more}

    async def _standing(
        self, department: DepartmentRecord, access: Access, states: dict[str, QueueState] | None
    ) -> schemas.QueueStanding:
        further = access if isinstance(access, FurtherQueue) else None
        kind: QueueKind = further.kind if further else "production"
        state = states.get(access.queue) if states else None
        oldest = await oldest_waiting(self.feed, feed_name(department.id, test=kind == "test"), state)
        return {
            "name": further.name if further else None,
            "kind": kind,
            "queue": access.queue,
            "user": access.login.user,
            "password_at": time_text(access.password_at),
            "old_until": time_text(access.old_good_until(utc_now())),
            "messages": state.depth if state else None,
            "consumers": state.consumers if state else None,
            "dead_letters": None if states is None else dead_letter_count(states, access.queue),
            "oldest_at": time_text(oldest.stored_at) if oldest else None,
        }

    async def _change(
        self, code: str, name: str, password: str, step: Callable[[DepartmentRecord], None]
    ) -> kernel.Credentials:
        department = await change(self.admin.store, code, step)
        await self.admin.sync_broker(code)
        return credentials(code, queue_in(department, name), password)


async def oldest_waiting(feed: FeedStore, name: str, state: QueueState | None) -> FeedEntry | None:
    """The oldest message that waits in a queue, estimated by counting its depth back from the newest of the feed."""
    if state is None or not state.depth:
        return None
    found = await feed.after(name, max(await feed.newest(name) - state.depth, 0), 1)
    return found[0] if found else None


def queue_in(department: DepartmentRecord, name: str) -> FurtherQueue:
    """A further queue by its name. Raises NotFoundError."""
    kept = department.queues.get(name)
    if kept is None:
        raise NotFoundError
    return FurtherQueue.of(department.id, kept)


def _set_password(
    department: DepartmentRecord,
    queue: FurtherQueue,
    password: str,
    old_until: datetime | None,
    by: str,
    *,
    renewed: bool = False,
) -> None:
    queue.set_password(password_hash(password), utc_now(), old_until)
    department.keep_queue(queue)
    _note(department, by)
    if renewed and queue.kind == "production":
        announce_password(department, queue)
    log.info("department.queue_access", department=department.id, queue=queue.queue, by=by, old_until=old_until)


def _note(department: DepartmentRecord, by: str) -> None:
    department.emit(events.DepartmentChanged(name=department.name, changed=["queues"], by=by), utc_now())


def target_of(department: DepartmentRecord, name: str | None) -> tuple[str, str]:
    """A department's own queue, or a further one by its name, and the feed that it gets. Raises NotFoundError."""
    if name is None:
        return department.queue, department.id
    for queue in department.further_queues:
        if queue.name == name:
            return queue.queue, feed_name(department.id, test=queue.kind == "test")
    raise NotFoundError
