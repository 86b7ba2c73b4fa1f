"""The sweep that takes what the clocks of due dates have to do: warn, mark as late, escalate.

Any number of replicas sweep at once. Each write is guarded by the assignment's revision, so each step is taken once;
what another replica or an officer changed meanwhile is found again by the next sweep. A sweep goes through everything
that is due, oldest first, in pages that continue after the last place: nothing that fails keeps the others waiting.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog

from services.routing.directory import Directory
from services.routing.models.assignment import Assignment
from services.routing.models.clock import HEAD, Mark
from services.routing.service.routing import BY_CLOCK, RequestRouter
from services.routing.store import AssignmentStore
from shared import events
from shared.clock import Clock, utc_now

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
            last = page[-1]
            after = (last.clock_at, last.id) if last.clock_at else None
            taken += await self._save(page, now)
            if len(page) < BATCH or after is None:
                break
        if taken:
            log.info("clocks.taken", assignments=taken)
        return taken

    async def _save(self, page: Sequence[Assignment], now: datetime) -> int:
        stepped = [assignment for assignment in page if self._stepped(assignment, now)]
        return len(stepped) - len(await self._store.save_many(stepped))

    def _stepped(self, assignment: Assignment, now: datetime) -> bool:
        """Whether the steps could be taken. One bad document must not stop the clocks of all others."""
        try:
            self.step(assignment, now)
        except Exception as error:
            log.error("clocks.unexpected", request=assignment.id, error=type(error).__name__)
            return False
        return True

    def step(self, assignment: Assignment, now: datetime) -> None:
        """Take everything that one clock has to do by now."""
        self._router.add_levels(assignment)
        assignment.set_clock_at(runs=assignment.runs)
        while mark := assignment.next_mark(now):
            self._take[mark](assignment, mark, now)

    def _due_soon(self, assignment: Assignment, mark: Mark, now: datetime) -> None:
        assignment.warned_at = now
        assignment.take(mark, now, by=BY_CLOCK, due_at=assignment.due_at)
        self._emit(assignment, events.RequestDueSoon(**self._event_fields(assignment)), now)

    def _overdue(self, assignment: Assignment, mark: Mark, now: datetime) -> None:
        assignment.overdue_at = now
        assignment.take(mark, now, by=BY_CLOCK, due_at=assignment.due_at)
        self._emit(
            assignment,
            events.RequestOverdue(**self._event_fields(assignment), head=self._official(assignment, HEAD)),
            now,
        )

    def _escalate(self, assignment: Assignment, mark: Mark, now: datetime) -> None:
        to = assignment.escalate()
        official = self._official(assignment, to)
        assignment.take(mark, now, by=BY_CLOCK, level=assignment.level, official=official)
        event = events.RequestEscalated(
            **self._event_fields(assignment), level=assignment.level, to=to, official=official
        )
        self._emit(assignment, event, now)

    def _official(self, assignment: Assignment, to: str) -> dict[str, str]:
        """The office that a level of escalation leads to. Raises NotYetKnownError."""
        department = self._directory.department(assignment.department or "")
        return department.head if to == HEAD else department.appellate_authority

    @staticmethod
    def _event_fields(assignment: Assignment) -> dict[str, object]:
        return {
            "citizen_id": assignment.citizen_id,
            "department": assignment.department or "",
            "actor": BY_CLOCK,
            "due_at": assignment.due_at,
        }

    @staticmethod
    def _emit(assignment: Assignment, event: events.AssignmentEvent, now: datetime) -> None:
        assignment.emit(event, now, queue=f"department.{assignment.department}")
