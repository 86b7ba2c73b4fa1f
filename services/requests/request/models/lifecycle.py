"""The life cycle of a request as a table: every edge, its actor, and its purpose."""

from collections.abc import Set
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
    **dict.fromkeys((S.VERIFYING, S.INFORMATION_NEEDED, S.INELIGIBLE), "verification"),
    **dict.fromkeys((S.ROUTED, S.ACCEPTED, S.QUESTIONED, S.IN_PROGRESS, S.TRANSFERRED, S.REOPENED), "processing"),
    **dict.fromkeys((S.RESOLVED, S.CONFIRMED, S.DISPUTED, S.UNDER_APPEAL), "completion"),
    **dict.fromkeys((S.DUPLICATE, S.CLOSED, S.WITHDRAWN), "completion"),
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
    sources: Set[State]
    target: State
    why: str


A = ActorKind
NO_QUESTION = AT_DEPARTMENT - {S.QUESTIONED}
AT_WORK = frozenset({S.ACCEPTED, S.IN_PROGRESS})
OPEN = frozenset(S) - ENDED - {S.CONFIRMED}
"""States in which the citizen can still take the request back, or add files to it."""
EDGES: tuple[Edge, ...] = (
    Edge("pass", A.RULES, {S.SUBMITTED}, S.VERIFYING, "all declared rules are met; routing chooses a department"),
    Edge("need", A.RULES, {S.SUBMITTED}, S.INFORMATION_NEEDED, "the citizen can correct what a rule found"),
    Edge("refuse", A.RULES, {S.SUBMITTED}, S.INELIGIBLE, "a rule says that the case is not eligible"),
    Edge("correct", A.CITIZEN, UNVERIFIED, S.SUBMITTED, "corrected answers are checked like new ones"),
    Edge("override", A.OFFICER, UNVERIFIED, S.VERIFYING, "a rule is wrong here, and an officer takes responsibility"),
    Edge("route", A.ROUTING, {S.VERIFYING, S.TRANSFERRED}, S.ROUTED, "a department has it; its due dates are set"),
    Edge("accept", A.DEPARTMENT, {S.ROUTED, S.REOPENED}, S.ACCEPTED, "the department works on it"),
    Edge("question", A.DEPARTMENT, NO_QUESTION, S.QUESTIONED, "the department needs to know something"),
    Edge("answer", A.CITIZEN, {S.QUESTIONED}, S.IN_PROGRESS, "with the citizen's answer work continues"),
    Edge("progress", A.DEPARTMENT, AT_WORK, S.IN_PROGRESS, "the department reports what it did"),
    # An open question is transferred too: nothing changes for the citizen.
    Edge("transfer", A.DEPARTMENT, NO_QUESTION, S.TRANSFERRED, "another department is responsible; never an outcome"),
    Edge("resolve", A.DEPARTMENT, AT_WORK, S.RESOLVED, "an outcome with a reply"),
    Edge("confirm", A.CITIZEN, {S.RESOLVED}, S.CONFIRMED, "the citizen agrees with the outcome"),
    Edge("dispute", A.CITIZEN, {S.RESOLVED}, S.DISPUTED, "the citizen disagrees; once, then there is an appeal"),
    Edge("reopen", A.ROUTING, {S.DISPUTED}, S.REOPENED, "the head of the department has it"),
    Edge("appeal", A.CITIZEN, {S.RESOLVED}, S.UNDER_APPEAL, "the citizen disagrees again; an authority decides"),
    Edge("remit", A.AUTHORITY, {S.UNDER_APPEAL}, S.REOPENED, "the appeal was granted; the head must act"),
    Edge("decide_appeal", A.AUTHORITY, {S.UNDER_APPEAL}, S.CLOSED, "the appeal is over; the head's decision stands"),
    Edge("lapse", A.CLOCK, {S.INFORMATION_NEEDED, S.QUESTIONED}, S.CLOSED, "no answer in the declared time"),
    Edge("let_stand", A.CLOCK, {S.RESOLVED}, S.CLOSED, "no dispute in the declared time"),
    Edge("close", A.ROUTING, {S.CONFIRMED, S.RESOLVED}, S.CLOSED, "confirmed, or the final decision on an appeal"),
    Edge("mark_duplicate", A.OFFICER, AT_DEPARTMENT, S.DUPLICATE, "it is a duplicate of another request"),
    Edge("unmark_duplicate", A.OFFICER, {S.DUPLICATE}, S.VERIFYING, "it is no duplicate; it is routed again"),
    Edge("revive", A.RULES, {S.DUPLICATE}, S.VERIFYING, "its primary ended without an outcome"),
    Edge("withdraw", A.CITIZEN, OPEN, S.WITHDRAWN, "the citizen takes the request back"),
    Edge("separate", A.CITIZEN, {S.DUPLICATE}, S.VERIFYING, "the citizen says that it is no duplicate"),
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
