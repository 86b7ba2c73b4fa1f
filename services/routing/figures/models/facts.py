"""What figures know of one request: a pure function of its assignment, so that it can be made again at any time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.routing.figures.models.days import month_of, tenths_of
from services.routing.models.assignment import Assignment, AssignmentState

FINAL_AFTER = timedelta(days=30)
"""So long after it was resolved, a request counts as provisional: it may still be disputed and opened again."""
UNDONE = ("withdrawn", "lapsed", "merged")
"""Ends without an outcome."""
Step = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class RequestFact:
    """One request. The month received is that of its routing, the month due that of its due date."""

    number: str
    department: str
    service: str
    district: str
    received_month: str
    response: int | None = None
    """Tenths of a day until the department's first act; None before it."""
    transferred: bool = False
    due_at: datetime | None = None
    """Its due date when it was first resolved, otherwise its due date now; None if that does not count (yet)."""
    due_month: str | None = None
    resolution: int | None = None
    """Tenths of a day until it was first resolved; None before."""
    final_at: datetime | None = None
    on_time: bool = False
    kept: bool = False
    """Resolved on time, and not reopened."""
    paused: bool = False
    """The department waited for the citizen at least once."""
    delayed: bool = False
    """The department gave the citizen a new date at least once."""
    escalated: bool = False
    disputed: bool = False
    reopened: bool = False
    appealed: bool = False
    appeal_upheld: bool = False
    rating: int | None = None

    @property
    def months(self) -> set[str]:
        """The months whose figures it is part of."""
        return {self.received_month} | ({self.due_month} if self.due_month else set())

    @property
    def turns(self) -> list[datetime]:
        """When it begins to count as due, and to count as final."""
        return [at for at in (self.due_at, self.final_at) if at is not None]


def fact_of(assignment: Assignment) -> RequestFact | None:
    """The fact of a request; None for an appeal, which counts with its request, and before it was routed."""
    routed_at, department = assignment.routed_at, assignment.department
    if assignment.is_appeal or routed_at is None or department is None:
        return None
    steps = assignment.history
    actions = {step["action"] for step in steps}
    resolved = first_resolved(steps)
    due_at = due_of(assignment, resolved)
    resolved_at = resolved["at"] if resolved else None
    reopened = bool(actions & {"disputed", "remitted"})
    on_time = resolved_at is not None and due_at is not None and resolved_at <= due_at
    return RequestFact(
        number=assignment.id,
        department=department,
        service=assignment.service,
        district=assignment.district,
        received_month=month_of(routed_at),
        response=tenths_of(assignment.responded_at - routed_at) if assignment.responded_at else None,
        transferred="transfer" in actions,
        due_at=due_at,
        due_month=month_of(due_at) if due_at else None,
        resolution=tenths_of(resolved_at - routed_at) if resolved_at else None,
        final_at=resolved_at + FINAL_AFTER if resolved_at else None,
        on_time=on_time,
        kept=on_time and not reopened,
        paused="ask" in actions,
        delayed="delay" in actions,
        escalated="escalate" in actions,
        disputed="disputed" in actions,
        reopened=reopened,
        appealed="appealed" in actions,
        appeal_upheld="remitted" in actions,
        rating=assignment.rating,
    )


def first_resolved(steps: Sequence[Step]) -> Step | None:
    """The first step that resolved it; what came before it was separated from another request does not count."""
    began = max((place for place, step in enumerate(steps) if step["action"] == "separated"), default=0)
    found = next((step for step in steps[began:] if step["action"] == "resolve"), None)
    last = steps[-1]["action"] if steps else ""
    return None if last in UNDONE else found


def due_of(assignment: Assignment, resolved: Step | None) -> datetime | None:
    """The due date by which it is judged, which a later dispute does not move; None if it has none.

    It has none while its clock stands still before that date, and if it ended without an outcome before it.
    """
    due_at = assignment.due_at
    if resolved is not None:
        judged: datetime | None = resolved.get("due_at", due_at)
        return judged
    ended = assignment.history[-1]["at"] if assignment.state == AssignmentState.CLOSED else None
    stopped = ended or assignment.paused_at
    return None if due_at is None or (stopped is not None and stopped <= due_at) else due_at
