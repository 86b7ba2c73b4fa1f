"""The filter of a citizen's list of requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.requests.request.models.lifecycle import STAGES, State


@dataclass(frozen=True)
class RequestFilter:
    """All given conditions must hold. `since` is inclusive, `until` exclusive."""

    states: Sequence[State] | None = None
    service: str | None = None
    kind: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    number: str | None = None
    text: str | None = None
    """Words to be searched for, where no number is given."""


def states_of(states: Sequence[State], stages: Sequence[str]) -> list[State] | None:
    """The states that match both lists; None for all."""
    if not states and not stages:
        return None
    return [state for state in State if (not states or state in states) and (not stages or STAGES[state] in stages)]
