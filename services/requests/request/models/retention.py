"""How long a request that has ended keeps its person, and which of the two times counts for it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.requests.request.models.lifecycle import State

Ended = Literal["resolved", "withdrawn"]
"""Ended by an outcome; or without one: withdrawn, ineligible, lapsed, merged with another (which is to end too)."""
WITHOUT_OUTCOME = frozenset({State.WITHDRAWN, State.INELIGIBLE, State.DUPLICATE, State.CLOSED})


@dataclass(frozen=True)
class KeepDays:
    """Days after the last step for which the person stays in a request, by how it ended."""

    resolved: int
    withdrawn: int


@dataclass(frozen=True)
class Overdue:
    """Requests of a service whose time is over."""

    service: str
    ended: Ended
    before: datetime
    count: int
    oldest: datetime


def ended_as(state: State, outcome: str | None) -> Ended | None:
    """How a request in this state has ended; None while it has not."""
    if state is State.CLOSED and outcome is not None:
        return "resolved"
    return "withdrawn" if state in WITHOUT_OUTCOME else None
