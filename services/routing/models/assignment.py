"""An assignment: a request at a department, its states as a table, its clocks, and what was done to it."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from shared.errors import ConflictError
from shared.records import Record

ACTS_REMEMBERED = 64


class State(StrEnum):
    """The states of an assignment."""

    UNVERIFIED = "unverified"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    QUESTIONED = "questioned"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    REOPENED = "reopened"
    CLOSED = "closed"


S = State
OPEN = (S.ROUTED, S.ACCEPTED, S.QUESTIONED, S.IN_PROGRESS, S.REOPENED)
WORKING = (S.ACCEPTED, S.IN_PROGRESS)

# action: the states it is possible in, and where it leads.
EDGES: dict[str, tuple[tuple[State, ...], State]] = {
    "route": ((S.UNVERIFIED,), S.ROUTED),
    "accept": ((S.ROUTED, S.REOPENED), S.ACCEPTED),
    "ask": ((S.ROUTED, S.ACCEPTED, S.IN_PROGRESS, S.REOPENED), S.QUESTIONED),
    "progress": (WORKING, S.IN_PROGRESS),
    "transfer": (OPEN, S.ROUTED),
    "resolve": (WORKING, S.RESOLVED),
    "answered": ((S.QUESTIONED,), S.IN_PROGRESS),
    "disputed": ((S.RESOLVED,), S.REOPENED),
    "confirmed": ((S.RESOLVED,), S.CLOSED),
    "withdrawn": (tuple(S), S.CLOSED),
}
DEPARTMENT_ACTIONS = ("accept", "ask", "progress", "transfer", "resolve")


class TransitionRefusedError(ConflictError):
    """The action is not possible in the state that the assignment is in."""

    code = "transition-refused"


@dataclass(kw_only=True)
class Assignment(Record):
    """One document of `assignments`; the tracking number is its id."""

    source: ClassVar[str] = "routing"

    citizen_id: str = ""
    service: str = ""
    kind: str = ""
    district: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    state: State = State.UNVERIFIED
    department: str | None = None
    because: dict[str, str] = field(default_factory=dict)
    routed_at: datetime | None = None
    respond_by: datetime | None = None
    due_at: datetime | None = None
    responded_at: datetime | None = None
    resolved_at: datetime | None = None
    outcome: str | None = None
    acts: list[str] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)

    def take(self, action: str, at: datetime, *, by: str, **more: Any) -> None:
        """Take an edge and note it. Raises TransitionRefusedError."""
        sources, to = EDGES[action]
        if self.state not in sources:
            raise TransitionRefusedError(state=str(self.state))
        entry = {"n": len(self.history) + 1, "action": action, "by": by, "at": at}
        entry |= {"from": str(self.state), "to": str(to), "department": self.department}
        self.history.append(entry | {key: value for key, value in more.items() if value is not None})
        self.state = to

    def can(self, action: str) -> bool:
        """Whether the action is possible now."""
        return self.state in EDGES[action][0]

    def remember_act(self, act_id: str) -> bool:
        """Note the id of an action; False if it was taken before."""
        if act_id in self.acts:
            return False
        self.acts = [*self.acts, act_id][-ACTS_REMEMBERED:]
        return True
