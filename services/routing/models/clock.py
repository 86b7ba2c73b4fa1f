"""The clock of a due date, as pure rules: a warning, then the due date, then escalation level by level.

Its times are set once, when a request is routed. A pause moves all of them together; nothing else moves them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from services.routing.models.calendar import Calendar

HEAD, ORGANISATION = "head", "organisation"
WARN_AFTER = 0.75
"""The share of the time after which the department is warned."""
DUE_SOON = timedelta(hours=48)
DAY_41 = timedelta(days=41)
"""Pakistan's rule: on day 41 a complaint goes to the head of the organisation."""
MAX_INTERIM_REPLIES = 3
MAX_DELAY = timedelta(days=90)
"""How far ahead a new date may be."""
Mark = Literal["due_soon", "overdue", "escalate"]


@dataclass(kw_only=True)
class DueClock:
    """The due date of an assignment, the steps that its clock has taken, and when the next step is due."""

    due_at: datetime | None = None
    due_counted: str = "working"
    """How the due date is counted: "working" or "elapsed"."""
    paused_at: datetime | None = None
    """Since when the clock is paused."""
    warn_at: datetime | None = None
    levels: list[dict[str, Any]] | None = None
    """The levels of escalation: {"at", "to"}. None for an assignment older than escalation."""
    warned_at: datetime | None = None
    overdue_at: datetime | None = None
    """When it was marked as late."""
    level: int = 0
    """The level of escalation that it has reached."""
    escalated_to: str | None = None
    """The official of that level: "head" or "organisation"."""
    delayed_until: datetime | None = None
    """The new date that its department gave last. The due date stays."""
    interim_replies: list[datetime] = field(default_factory=list)
    """When its department gave a new date."""
    clock_at: datetime | None = None
    """When its clock takes the next step; None while it is paused, and after the last step."""

    def set_clock_at(self, *, runs: bool) -> None:
        """Set when the clock takes its next step."""
        self.clock_at = self._next_at() if runs else None

    def _next_at(self) -> datetime | None:
        if self.overdue_at is not None:
            levels = self.levels or []
            at: datetime | None = levels[self.level]["at"] if self.level < len(levels) else None
            return at
        if self.warn_at is None or self.warned_at is not None or self.due_at is None:
            return self.due_at
        return min(self.warn_at, self.due_at)

    def next_mark(self, now: datetime) -> Mark | None:
        """The step that is due now, or None. A late assignment gets no warning any more."""
        if self.clock_at is None or self.clock_at > now or self.due_at is None:
            return None
        if self.overdue_at is not None:
            return "escalate"
        return "overdue" if self.due_at <= now else "due_soon"

    def shift(self, moved: Callable[[datetime], datetime]) -> None:
        """Move all of its times, after a pause."""
        for name in ("due_at", "warn_at", "delayed_until"):
            if (at := getattr(self, name)) is not None:
                setattr(self, name, moved(at))
        if self.levels is not None:
            self.levels = [{**level, "at": moved(level["at"])} for level in self.levels]

    def is_late(self, now: datetime) -> bool:
        """Whether the due date is over."""
        return self.due_at is not None and self.due_at < now

    def is_due_soon(self, now: datetime) -> bool:
        """Whether a new date may be given: three quarters of the time are used, or at most two days are left."""
        if self.due_at is None:
            return False
        return now >= min(self.warn_at or self.due_at, self.due_at - DUE_SOON)

    def may_delay(self, now: datetime) -> bool:
        """Whether its department can give a new date now."""
        return self.is_due_soon(now) and len(self.interim_replies) < MAX_INTERIM_REPLIES

    def owes_new_date(self, now: datetime) -> bool:
        """Whether it is late and its department gave no new date, or one that has passed too."""
        given = self.delayed_until is not None and self.delayed_until >= now
        return self.is_late(now) and not given and len(self.interim_replies) < MAX_INTERIM_REPLIES

    def escalate(self) -> str:
        """Go up one level; returns the official of that level."""
        assert self.levels is not None
        self.escalated_to = str(self.levels[self.level]["to"])
        self.level += 1
        return self.escalated_to


def warning_time(start: datetime, due: datetime, counted: str, calendar: Calendar) -> datetime:
    """When three quarters of the time are used, counted by the same calendar."""
    whole = due - start if counted == "elapsed" else calendar.open_between(start, due)
    used = timedelta(seconds=int(whole.total_seconds() * WARN_AFTER))
    return start + used if counted == "elapsed" else calendar.after(start, used)


def escalation_levels(
    limit: Mapping[str, Any], kind: str, start: datetime, due: datetime, calendar: Calendar
) -> list[dict[str, Any]]:
    """The levels that a service declares (`escalate`, counted from the due date), or the default ones.

    By default the head of the department gets it at the due date, and the head of the organisation after as much
    time again, a complaint on day 41 at the latest.
    """
    declared = limit.get("escalate")
    if declared is None:
        again = calendar.due(due, dict(limit))
        latest = min(again, max(due, start + DAY_41)) if kind == "complaint" else again
        return [{"at": due, "to": HEAD}, {"at": latest, "to": ORGANISATION}]
    return [{"at": calendar.due(due, one["after"]) if one.get("after") else due, "to": one["to"]} for one in declared]
