"""How a request stands, by the messages about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.notifier.models.notification import Notification

STANDINGS: tuple[tuple[str, str], ...] = (
    ("request.submitted.verifying", "checked"),
    ("request.corrected.verifying", "checked"),
    ("request.overridden", "checked"),
    ("request.submitted.information_needed", "corrections"),
    ("request.corrected.information_needed", "corrections"),
    ("request.reminded.information_needed", "corrections"),
    ("request.submitted.ineligible", "ineligible"),
    ("request.corrected.ineligible", "ineligible"),
    ("request.appeal_filed", "department"),
    ("request.transferred", "department"),
    ("request.separated", "department"),
    ("request.revived", "department"),
    ("request.routed.questioned", "questioned"),
    ("request.routed", "department"),
    ("request.accepted", "work"),
    ("request.progressed", "work"),
    ("request.resumed", "work"),
    ("request.reopened", "reopened"),
    ("request.questioned", "questioned"),
    ("request.reminded.questioned", "questioned"),
    ("request.resolved.appeal", "closed"),
    ("request.resolved", "resolved"),
    ("request.reminded", "resolved"),
    ("request.confirmed", "closed"),
    ("request.let_stand", "closed"),
    ("request.appeal_decided", "closed"),
    ("request.withdrawn", "withdrawn"),
    ("request.lapsed", "lapsed"),
    ("request.merged", "merged"),
)
"""By the beginning of a template's name: the words (`standing.*`) for how the request stands after that message."""
HAS_DUE_DATE = frozenset({"department", "work", "reopened"})
"""Where the date still runs by which the department has to be done."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a request stands, since when, and by when its department has to be done, where that is known."""

    name: str
    since: datetime
    due: datetime | None


def standing_of(messages: Iterable[Notification]) -> Standing | None:
    """How a request stands after these messages about it; None where there are none."""
    known = sorted((one for one in messages if name_of(one.template)), key=lambda one: (one.created_at, one.id))
    if not known:
        return None
    name = name_of(known[-1].template)
    assert name is not None
    due = next((one.due for one in reversed(known) if one.due is not None), None)
    return Standing(name, known[-1].created_at, due if name in HAS_DUE_DATE else None)


def name_of(template: str) -> str | None:
    """The standing after a message."""
    return next((name for beginning, name in STANDINGS if template.startswith(beginning)), None)
