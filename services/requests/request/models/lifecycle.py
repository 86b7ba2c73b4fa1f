"""The life cycle of a request as a table: every edge, its actor, and its purpose."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class State(StrEnum):
    """The state of a request. Citizens see the stage."""

    SUBMITTED = "submitted"
    VERIFYING = "verifying"
    INFORMATION_NEEDED = "information_needed"
    INELIGIBLE = "ineligible"
    ROUTED = "routed"
    ACCEPTED = "accepted"
    QUESTIONED = "questioned"
    IN_PROGRESS = "in_progress"
    TRANSFERRED = "transferred"
    RESOLVED = "resolved"
    CONFIRMED = "confirmed"
    DISPUTED = "disputed"
    REOPENED = "reopened"
    UNDER_APPEAL = "under_appeal"
    DUPLICATE = "duplicate"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


S = State

STAGES: dict[State, str] = {
    S.SUBMITTED: "submission",
    S.VERIFYING: "verification",
    S.INFORMATION_NEEDED: "verification",
    S.INELIGIBLE: "verification",
    S.ROUTED: "processing",
    S.ACCEPTED: "processing",
    S.QUESTIONED: "processing",
    S.IN_PROGRESS: "processing",
    S.TRANSFERRED: "processing",
    S.REOPENED: "processing",
    S.RESOLVED: "completion",
    S.CONFIRMED: "completion",
    S.DISPUTED: "completion",
    S.UNDER_APPEAL: "completion",
    S.DUPLICATE: "completion",
    S.CLOSED: "completion",
    S.WITHDRAWN: "completion",
}

UNVERIFIED = frozenset({S.INFORMATION_NEEDED, S.INELIGIBLE})
AT_DEPARTMENT = frozenset({S.ROUTED, S.ACCEPTED, S.QUESTIONED, S.IN_PROGRESS, S.REOPENED})
ENDED = frozenset({S.CLOSED, S.WITHDRAWN})


class ActorKind(StrEnum):
    """The actors of edges."""

    CITIZEN = "citizen"
    CLERK = "clerk"
    OFFICER = "officer"
    """A member of the department, in this service and not through routing."""
    RULES = "rules"
    CLOCK = "clock"
    ROUTING = "routing"
    DEPARTMENT = "department"
    AUTHORITY = "authority"
    """The authority that decides the appeal against this request."""


@dataclass(frozen=True)
class Edge:
    """`action` by `who` leads from any of `sources` to `target`; `why` is its purpose."""

    action: str
    who: ActorKind
    sources: frozenset[State]
    target: State
    why: str


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


EDGES: tuple[Edge, ...] = (
    Edge(
        "pass",
        ActorKind.RULES,
        _from(S.SUBMITTED),
        S.VERIFYING,
        "all declared rules are met; routing chooses a department",
    ),
    Edge(
        "need", ActorKind.RULES, _from(S.SUBMITTED), S.INFORMATION_NEEDED, "the citizen can correct what a rule found"
    ),
    Edge("refuse", ActorKind.RULES, _from(S.SUBMITTED), S.INELIGIBLE, "a rule says that the case is not eligible"),
    Edge("correct", ActorKind.CITIZEN, UNVERIFIED, S.SUBMITTED, "corrected answers are checked like new ones"),
    Edge(
        "override",
        ActorKind.OFFICER,
        UNVERIFIED,
        S.VERIFYING,
        "a rule is wrong here, and an officer takes responsibility",
    ),
    Edge(
        "route",
        ActorKind.ROUTING,
        _from(S.VERIFYING, S.TRANSFERRED),
        S.ROUTED,
        "a department has it; its due dates are set",
    ),
    Edge("accept", ActorKind.DEPARTMENT, _from(S.ROUTED, S.REOPENED), S.ACCEPTED, "the department works on it"),
    Edge(
        "question",
        ActorKind.DEPARTMENT,
        AT_DEPARTMENT - {S.QUESTIONED},
        S.QUESTIONED,
        "the department needs to know something from the citizen",
    ),
    Edge("answer", ActorKind.CITIZEN, _from(S.QUESTIONED), S.IN_PROGRESS, "with the citizen's answer work continues"),
    Edge(
        "progress",
        ActorKind.DEPARTMENT,
        _from(S.ACCEPTED, S.IN_PROGRESS),
        S.IN_PROGRESS,
        "the department reports what it did",
    ),
    Edge(
        "transfer",
        ActorKind.DEPARTMENT,
        AT_DEPARTMENT - {S.QUESTIONED},  # an open question is transferred too: nothing changes for the citizen
        S.TRANSFERRED,
        "another department is responsible; that is never an outcome",
    ),
    Edge("resolve", ActorKind.DEPARTMENT, _from(S.ACCEPTED, S.IN_PROGRESS), S.RESOLVED, "an outcome with a reply"),
    Edge("confirm", ActorKind.CITIZEN, _from(S.RESOLVED), S.CONFIRMED, "the citizen agrees with the outcome"),
    Edge(
        "dispute",
        ActorKind.CITIZEN,
        _from(S.RESOLVED),
        S.DISPUTED,
        "the citizen disagrees with the outcome; possible once, then there is an appeal",
    ),
    Edge("reopen", ActorKind.ROUTING, _from(S.DISPUTED), S.REOPENED, "the head of the department has it"),
    Edge(
        "appeal",
        ActorKind.CITIZEN,
        _from(S.RESOLVED),
        S.UNDER_APPEAL,
        "the citizen disagrees with the head too; an authority decides",
    ),
    Edge("remit", ActorKind.AUTHORITY, _from(S.UNDER_APPEAL), S.REOPENED, "the appeal was granted; the head must act"),
    Edge(
        "decide_appeal",
        ActorKind.AUTHORITY,
        _from(S.UNDER_APPEAL),
        S.CLOSED,
        "the appeal is over; the head's decision stands",
    ),
    Edge(
        "lapse", ActorKind.CLOCK, _from(S.INFORMATION_NEEDED, S.QUESTIONED), S.CLOSED, "no answer in the declared time"
    ),
    Edge("let_stand", ActorKind.CLOCK, _from(S.RESOLVED), S.CLOSED, "no dispute in the declared time"),
    Edge(
        "close",
        ActorKind.ROUTING,
        _from(S.CONFIRMED, S.RESOLVED),
        S.CLOSED,
        "the outcome was confirmed, or is the final decision on an appeal",
    ),
    Edge("mark_duplicate", ActorKind.OFFICER, AT_DEPARTMENT, S.DUPLICATE, "it is a duplicate of another request"),
    Edge(
        "unmark_duplicate", ActorKind.OFFICER, _from(S.DUPLICATE), S.VERIFYING, "it is no duplicate; it is routed again"
    ),
    Edge("revive", ActorKind.RULES, _from(S.DUPLICATE), S.VERIFYING, "its primary ended without an outcome"),
    Edge(
        "withdraw",
        ActorKind.CITIZEN,
        frozenset(S) - ENDED - {S.CONFIRMED},
        S.WITHDRAWN,
        "the citizen takes the request back",
    ),
    Edge("separate", ActorKind.CITIZEN, _from(S.DUPLICATE), S.VERIFYING, "the citizen says that it is no duplicate"),
)
BY_ACTION: dict[str, Edge] = {edge.action: edge for edge in EDGES}


def target(action: str, who: ActorKind, state: State) -> State | None:
    """The state after `action` by `who`; None if there is no such edge."""
    edge = BY_ACTION.get(action)
    if edge is None or edge.who is not who or state not in edge.sources:
        return None
    return edge.target


def actions_of(who: ActorKind, state: State) -> list[str]:
    """The actions of `who` in `state`, for clients that show buttons."""
    return [edge.action for edge in EDGES if edge.who is who and state in edge.sources]


Ended = Literal["resolved", "withdrawn"]
"""Ended with an outcome; or without one: withdrawn, ineligible, lapsed, or merged."""
WITHOUT_OUTCOME = frozenset({State.WITHDRAWN, State.INELIGIBLE, State.DUPLICATE, State.CLOSED})


def ended_as(state: State, outcome: str | None) -> Ended | None:
    """How a request in this state ended; None if it has not."""
    if state is State.CLOSED and outcome is not None:
        return "resolved"
    return "withdrawn" if state in WITHOUT_OUTCOME else None
