"""The state of a request, derived from the messages about it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.notifier.models.notification import Notification

STANDINGS: Mapping[str, tuple[str, ...]] = {
    "checked": ("submitted.verifying", "corrected.verifying", "overridden"),
    "corrections": ("submitted.information_needed", "corrected.information_needed", "reminded.information_needed"),
    "ineligible": ("submitted.ineligible", "corrected.ineligible"),
    "department": ("appeal_filed", "transferred", "separated", "revived", "routed"),
    "questioned": ("routed.questioned", "questioned", "reminded.questioned"),
    "work": ("accepted", "progressed", "resumed"),
    "reopened": ("reopened",),
    "late": ("overdue",),
    "delayed": ("delayed",),
    "resolved": ("resolved", "reminded"),
    "closed": ("resolved.appeal", "confirmed", "let_stand", "appeal_decided"),
    "withdrawn": ("withdrawn",),
    "lapsed": ("lapsed",),
    "merged": ("merged",),
}
"""The names (`standing.*`) of states, with the beginnings of the templates after which a request is in each of them."""
HAS_DUE_DATE = frozenset({"department", "work", "reopened"})
"""States in which the due date applies."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The state of a request, since when, and the due date if known."""

    name: str
    since: datetime
    due: datetime | None


def standing_of(messages: Iterable[Notification]) -> Standing | None:
    """The state of a request after these messages; None if there are none."""
    known = sorted((one for one in messages if name_of(one.template)), key=lambda one: (one.created_at, one.id))
    if not known:
        return None
    name = name_of(known[-1].template)
    assert name is not None
    due = next((one.due for one in reversed(known) if one.due is not None), None)
    return Standing(name, known[-1].created_at, due if name in HAS_DUE_DATE else None)


def name_of(template: str) -> str | None:
    """The name of the state after a message."""
    named = {f"request.{beginning}": name for name, beginnings in STANDINGS.items() for beginning in beginnings}
    fitting = [beginning for beginning in named if template.startswith(beginning)]
    return named[max(fitting, key=len)] if fitting else None
