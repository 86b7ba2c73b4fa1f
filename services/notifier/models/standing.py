"""The state of a request, derived from the messages about it."""

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
    ("request.overdue", "late"),
    ("request.delayed", "delayed"),
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
"""Prefixes of template names, and the name (`standing.*`) of the state after that message."""
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
    return next((name for beginning, name in STANDINGS if template.startswith(beginning)), None)
