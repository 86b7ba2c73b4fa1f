"""The life of a request as a table: every edge, who may take it, and why it exists."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal


class State(StrEnum):
    """What the software keeps. Citizens see the stage."""

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


class Who(StrEnum):
    """Who can take an edge."""

    CITIZEN = "citizen"
    CLERK = "clerk"
    OFFICER = "officer"
    """Somebody of the department, at this service and not through routing."""
    RULES = "rules"
    CLOCK = "clock"
    ROUTING = "routing"
    DEPARTMENT = "department"
    AUTHORITY = "authority"
    """The authority that decides the appeal against this request."""


@dataclass(frozen=True)
class Edge:
    """`action` by `who` leads from any of `sources` to `target`; `why` says what it is there for."""

    action: str
    who: Who
    sources: frozenset[State]
    target: State
    why: str


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


EDGES: tuple[Edge, ...] = (
    Edge("pass", Who.RULES, _from(S.SUBMITTED), S.VERIFYING, "all declared rules are met; a department is looked for"),
    Edge("need", Who.RULES, _from(S.SUBMITTED), S.INFORMATION_NEEDED, "the citizen can mend what a rule found"),
    Edge("refuse", Who.RULES, _from(S.SUBMITTED), S.INELIGIBLE, "a rule says that the service is not for this case"),
    Edge("correct", Who.CITIZEN, UNVERIFIED, S.SUBMITTED, "mended answers are checked like new ones"),
    Edge("override", Who.OFFICER, UNVERIFIED, S.VERIFYING, "a rule was wrong here, and somebody answers for it"),
    Edge("route", Who.ROUTING, _from(S.VERIFYING, S.TRANSFERRED), S.ROUTED, "a department has it; its clocks run"),
    Edge("accept", Who.DEPARTMENT, _from(S.ROUTED, S.REOPENED), S.ACCEPTED, "somebody has taken it on"),
    Edge("question", Who.DEPARTMENT, AT_DEPARTMENT - {S.QUESTIONED}, S.QUESTIONED, "only the citizen knows this"),
    Edge("answer", Who.CITIZEN, _from(S.QUESTIONED), S.IN_PROGRESS, "the citizen's answer lets work go on"),
    Edge("progress", Who.DEPARTMENT, _from(S.ACCEPTED, S.IN_PROGRESS), S.IN_PROGRESS, "something was done"),
    Edge(
        "transfer",
        Who.DEPARTMENT,
        AT_DEPARTMENT - {S.QUESTIONED},  # an open question goes along: nothing changes for its citizen
        S.TRANSFERRED,
        "not ours is a transfer, never an outcome",
    ),
    Edge("resolve", Who.DEPARTMENT, _from(S.ACCEPTED, S.IN_PROGRESS), S.RESOLVED, "an outcome with a reply"),
    Edge("confirm", Who.CITIZEN, _from(S.RESOLVED), S.CONFIRMED, "the citizen agrees that it is done"),
    Edge("dispute", Who.CITIZEN, _from(S.RESOLVED), S.DISPUTED, "it was closed badly; once, later it is an appeal"),
    Edge("reopen", Who.ROUTING, _from(S.DISPUTED), S.REOPENED, "the department's head has it again"),
    Edge("appeal", Who.CITIZEN, _from(S.RESOLVED), S.UNDER_APPEAL, "the head closed it badly too; others decide"),
    Edge("remit", Who.AUTHORITY, _from(S.UNDER_APPEAL), S.REOPENED, "the appeal was granted: the head must act"),
    Edge("decide_appeal", Who.AUTHORITY, _from(S.UNDER_APPEAL), S.CLOSED, "the appeal is over: what was said stands"),
    Edge("lapse", Who.CLOCK, _from(S.INFORMATION_NEEDED, S.QUESTIONED), S.CLOSED, "no answer by the declared time"),
    Edge("let_stand", Who.CLOCK, _from(S.RESOLVED), S.CLOSED, "no word against the outcome by the declared time"),
    Edge("close", Who.ROUTING, _from(S.CONFIRMED, S.RESOLVED), S.CLOSED, "agreed; an appeal's decision is final"),
    Edge("mark_duplicate", Who.OFFICER, AT_DEPARTMENT, S.DUPLICATE, "another request tells the same"),
    Edge("unmark_duplicate", Who.OFFICER, _from(S.DUPLICATE), S.VERIFYING, "it was not the same: it is routed anew"),
    Edge("revive", Who.RULES, _from(S.DUPLICATE), S.VERIFYING, "what it was merged into ended undone"),
    Edge("withdraw", Who.CITIZEN, frozenset(S) - ENDED - {S.CONFIRMED}, S.WITHDRAWN, "it is the citizen's own"),
    Edge("separate", Who.CITIZEN, _from(S.DUPLICATE), S.VERIFYING, "the citizen knows that it is another thing"),
)
BY_ACTION: dict[str, Edge] = {edge.action: edge for edge in EDGES}


def target(action: str, who: Who, state: State) -> State | None:
    """Where `action` by `who` leads from `state`; None if there is no such edge."""
    edge = BY_ACTION.get(action)
    if edge is None or edge.who is not who or state not in edge.sources:
        return None
    return edge.target


def actions_of(who: Who, state: State) -> list[str]:
    """What `who` may do in `state`, for clients that show buttons."""
    return [edge.action for edge in EDGES if edge.who is who and state in edge.sources]


Ended = Literal["resolved", "withdrawn"]
"""Ended by an outcome; or without one: withdrawn, ineligible, lapsed, merged with another (which is to end too)."""
WITHOUT_OUTCOME = frozenset({State.WITHDRAWN, State.INELIGIBLE, State.DUPLICATE, State.CLOSED})


def ended_as(state: State, outcome: str | None) -> Ended | None:
    """How a request in this state has ended; None while it has not."""
    if state is State.CLOSED and outcome is not None:
        return "resolved"
    return "withdrawn" if state in WITHOUT_OUTCOME else None
