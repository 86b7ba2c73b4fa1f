"""How long a request waits for its citizen: when it reminds, and which edge its clock takes when no word comes.

Days run by the clock, also over weekends and holidays: a citizen can answer on any of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal

from services.requests.request.models.lifecycle import State

About = Literal["information_needed", "questioned", "resolved", "resolved_by_head"]
"""What a citizen is reminded of."""


@dataclass(frozen=True)
class Waits:
    """Days since the request came to wait. A request keeps those in force when it was filed."""

    remind: tuple[float, ...] = (3, 7)
    """Reminders that an answer is awaited."""
    close: float = 14
    """Closing for no answer."""
    remind_outcome: tuple[float, ...] = (7,)
    """Reminders that an outcome can be confirmed or not."""
    dispute: float = 14
    """Until then an outcome can be disputed; then it stands."""
    appeal: float = 30
    """Until then an outcome of the head can be appealed against; then it stands."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Waits":
        """What a request keeps, with the usual for what it does not name."""
        known: dict[str, Any] = {name: tuple(d) if isinstance(d, list) else d for name, d in kept.items()}
        return cls(**known)

    def kept(self) -> dict[str, Any]:
        """As it is stored: only what is not the usual."""
        return {name: list(days) if isinstance(days, tuple) else days for name, days in _unusual(self)}


USUAL = Waits()


@lru_cache(maxsize=1000)
def _unusual(waits: Waits) -> tuple[tuple[str, Any], ...]:
    named = ((field.name, getattr(waits, field.name)) for field in fields(waits))
    return tuple((name, days) for name, days in named if days != getattr(USUAL, name))


@dataclass(frozen=True)
class Wait:
    """What a state waits for: reminders after some days, and after `limit` days the edge `then`."""

    about: About
    remind: tuple[float, ...]
    limit: float
    then: Literal["lapse", "let_stand"]

    def step(self, reminders: int) -> tuple[str, timedelta]:
        """What is due next after so many reminders, and how long after the waiting began."""
        early = [days for days in self.remind if days < self.limit]
        if reminders < len(early):
            return "remind", timedelta(days=early[reminders])
        return self.then, timedelta(days=self.limit)


def wait_of(state: State, waits: Waits, *, by_head: bool, final: bool = False) -> Wait | None:
    """What a request in that state waits for.

    `by_head` says that its outcome came from the head after a dispute, `final` that there was an appeal already.
    """
    if state is State.INFORMATION_NEEDED:
        return Wait("information_needed", waits.remind, waits.close, "lapse")
    if state is State.QUESTIONED:
        return Wait("questioned", waits.remind, waits.close, "lapse")
    if state is State.RESOLVED and by_head:
        limit = waits.dispute if final else waits.appeal
        return Wait("resolved_by_head", waits.remind_outcome, limit, "let_stand")
    if state is State.RESOLVED:
        return Wait("resolved", waits.remind_outcome, waits.dispute, "let_stand")
    return None
