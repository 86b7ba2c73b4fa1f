"""How long a request waits for its citizen: reminders, and the edge that its clock takes without an answer.

Days run by the clock, also over weekends and holidays, since a citizen can answer on any day.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from functools import lru_cache
from typing import Any, Literal

from services.requests.request.models.lifecycle import State

About = Literal["information_needed", "questioned", "resolved", "resolved_by_head"]
"""The subject of a reminder."""


@dataclass(frozen=True)
class Waits:
    """Days since the request began to wait. A request keeps those of its filing."""

    remind: tuple[float, ...] = (3, 7)
    """Reminders to answer."""
    close: float = 14
    """Closing without an answer."""
    remind_outcome: tuple[float, ...] = (7,)
    """Reminders to confirm or dispute an outcome."""
    dispute: float = 14
    """Time to dispute an outcome; then it stands."""
    appeal: float = 30
    """Time to appeal against a head's outcome; then it stands."""

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Waits":
        """The waiting times stored with a request, with defaults for missing ones."""
        known: dict[str, Any] = {name: tuple(d) if isinstance(d, list) else d for name, d in kept.items()}
        return cls(**known)

    def kept(self) -> dict[str, Any]:
        """The values to store: only those that differ from the defaults."""
        return {name: list(days) if isinstance(days, tuple) else days for name, days in _changed(self)}


DEFAULTS = Waits()


@lru_cache(maxsize=1000)
def _changed(waits: Waits) -> tuple[tuple[str, Any], ...]:
    named = ((field.name, getattr(waits, field.name)) for field in fields(waits))
    return tuple((name, days) for name, days in named if days != getattr(DEFAULTS, name))


@dataclass(frozen=True)
class Wait:
    """Reminders on some days, and after `limit` days the edge `then`."""

    about: About
    remind: tuple[float, ...]
    limit: float
    then: Literal["lapse", "let_stand"]

    def step(self, reminders: int) -> tuple[str, timedelta]:
        """The next step after a number of reminders, and how long after the wait began."""
        early = [days for days in self.remind if days < self.limit]
        if reminders < len(early):
            return "remind", timedelta(days=early[reminders])
        return self.then, timedelta(days=self.limit)


def wait_of(state: State, waits: Waits, *, by_head: bool, final: bool = False) -> Wait | None:
    """What a request in that state waits for.

    `by_head`: the outcome came from the head after a dispute; `final`: there was already an appeal.
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
