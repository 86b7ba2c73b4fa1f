"""The sweep that takes the due steps of assignments' clocks, oldest first: warn, mark as late, escalate.

Any number of replicas sweep at once: each write is guarded by the assignment's revision, so each step is taken once. An
assignment that cannot be read, changed or written is logged and skipped; the others are not affected.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from services.routing.directory import Directory
from services.routing.models.assignment import Assignment
from services.routing.models.clock import HEAD, Mark
from services.routing.service.routing import BY_CLOCK, RequestRouter
from services.routing.store.assignments import AssignmentStore
from shared import events
from shared.clock import Clock, utc_now
from shared.mongo import OUTAGES
from shared.paging import Position

BATCH = 200

log = structlog.get_logger(__name__)


class DueClocks:
    """Takes the steps of the clocks that are due."""

    def __init__(
        self, store: AssignmentStore, directory: Directory, router: RequestRouter, clock: Clock = utc_now
    ) -> None:
        self._store = store
        self._directory = directory
        self._router = router
        self._clock = clock
        self._take = {"due_soon": self._due_soon, "overdue": self._overdue, "escalate": self._escalate}

    async def sweep(self) -> int:
        """Take every step that is due now; how many assignments it changed."""
        now, after, taken = self._clock(), None, 0
        while page := await self._store.clocks_due(now, after, BATCH):
            after = page[-1][0]
            taken += await self._save([one for due in page if (one := self._stepped(*due, now)) is not None])
            if len(page) < BATCH:
                break
        if taken:
            log.info("clocks.taken", assignments=taken)
        return taken

    async def _save(self, stepped: Sequence[Assignment]) -> int:
        """Write them together; one by one if that fails, because one cannot be written. Returns how many it wrote."""
        try:
            return len(stepped) - len(await self._store.save_many(stepped))
        except OUTAGES:
            raise
        except Exception:
            return sum([await self._save_alone(assignment) for assignment in stepped])

    async def _save_alone(self, assignment: Assignment) -> bool:
        try:
            return not await self._store.save_many([assignment])
        except OUTAGES:
            raise
        except Exception as error:
            log.error("clocks.unexpected", request=assignment.id, error=type(error).__name__)
            return False

    def _stepped(self, place: Position, assignment: Assignment | None, now: datetime) -> Assignment | None:
        """The assignment with its due steps taken; None, and logged, if it cannot be read or changed."""
        if assignment is None:
            log.error("clocks.unexpected", request=place[1], error="unreadable")
            return None
        try:
            self.step(assignment, now)
        except Exception as error:
            log.error("clocks.unexpected", request=place[1], error=type(error).__name__)
            return None
        return assignment

    def step(self, assignment: Assignment, now: datetime) -> None:
        """Take all steps of one clock that are due at `now`."""
        self._router.add_levels(assignment)
        assignment.set_clock_at(runs=assignment.runs)
        while mark := assignment.next_mark(now):
            self._take[mark](assignment, mark, now)

    def _due_soon(self, assignment: Assignment, mark: Mark, now: datetime) -> None:
        assignment.warned_at = now
        assignment.take(mark, now, by=BY_CLOCK, due_at=assignment.due_at)
        assignment.tell(events.RequestDueSoon(**assignment.event_fields(BY_CLOCK), due_at=assignment.due_at), now)

    def _overdue(self, assignment: Assignment, mark: Mark, now: datetime) -> None:
        assignment.overdue_at = now
        assignment.take(mark, now, by=BY_CLOCK, due_at=assignment.due_at)
        fields, head = assignment.event_fields(BY_CLOCK), self._official(assignment, HEAD)
        assignment.tell(events.RequestOverdue(**fields, due_at=assignment.due_at, head=head), now)

    def _escalate(self, assignment: Assignment, mark: Mark, now: datetime) -> None:
        to = assignment.escalate()
        official = self._official(assignment, to)
        assignment.take(mark, now, by=BY_CLOCK, level=assignment.level, official=official)
        fields = assignment.event_fields(BY_CLOCK) | {"due_at": assignment.due_at}
        assignment.tell(events.RequestEscalated(**fields, level=assignment.level, to=to, official=official), now)

    def _official(self, assignment: Assignment, to: str) -> dict[str, str]:
        """The office that a level of escalation leads to. Raises NotYetKnownError."""
        department = self._directory.department(assignment.department or "")
        return department.head if to == HEAD else department.appellate_authority
