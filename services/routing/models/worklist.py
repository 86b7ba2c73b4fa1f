"""The filter of a department's list, and the state of an assignment's clock."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from services.routing.models.assignment import OPEN, PAUSED, RUNNING, Assignment, AssignmentState
from services.routing.models.clock import DUE_SOON

NOBODY = "nobody"
NEW = (AssignmentState.ROUTED, AssignmentState.REOPENED)
"""Nobody has accepted it yet."""
GOING_ON = (*OPEN, AssignmentState.RESOLVED, AssignmentState.UNDER_APPEAL)
"""All that a department has, but for what is closed."""
LATE_FOR: tuple[tuple[int, int | None], ...] = ((1, 3), (4, 7), (8, 30), (31, None))
"""How many days late, from the first to the last of them: on its first day it is one day late."""
Clock = Literal["late", "due_soon", "running", "stopped", "over"]
Order = Literal["due", "newest", "changed", "unchanged"]
"""Due soonest, received last, changed last, or longest without a change first."""


@dataclass(frozen=True)
class WorklistFilter:
    """All that is given must hold; `None` asks for nothing.

    `taken_by` is an account, or `NOBODY`. What is `due_within` some time is not late yet. `received_until` is the
    first moment that is not asked for.
    """

    states: Sequence[AssignmentState] = OPEN
    service: str | None = None
    district: str | None = None
    kind: str | None = None
    channel: str | None = None
    late: bool | None = None
    owes_new_date: bool | None = None
    escalated_to: str | None = None
    due_within: timedelta | None = None
    for_head: bool | None = None
    copied: bool | None = None
    taken_by: str | None = None
    reader: str | None = None
    numbers: Sequence[str] = ()
    received_from: datetime | None = None
    received_until: datetime | None = None
    changed_since: datetime | None = None
    order: Order = "due"


def clock_of(assignment: Assignment, now: datetime) -> Clock:
    """The state of the assignment's clock."""
    if assignment.state in PAUSED:
        return "stopped"
    if assignment.state not in RUNNING or assignment.due_at is None:
        return "over"
    if assignment.due_at < now:
        return "late"
    return "due_soon" if assignment.due_at < now + DUE_SOON else "running"
