"""What is told of outcomes, clocks, overrides, merges and appeals: what happened, or what will happen when."""

from typing import Literal

from services.notifier.models import Day, Later, Named, Sealed, Values, Wanted
from shared.envelope import Envelope
from shared.events import (
    RequestAppealDecided,
    RequestAppealFiled,
    RequestOverridden,
    RequestReminded,
    RequestResolved,
    RequestRevived,
)
from shared.seal import SealPurpose

DECIDE_BY: dict[str, Literal["dispute_days", "appeal_days"]] = {
    "department": "dispute_days",
    "head": "appeal_days",
    "final": "dispute_days",
}
"""The setting that says how long an outcome waits for the citizen's word, by the level that decided."""


def resolved(event: RequestResolved, envelope: Envelope) -> Wanted:
    """The outcome, the department's words, and what the citizen can do now."""
    decided = "appeal" if event.level == "appeal" else "outcome"
    values: Values = {
        "number": envelope.subject,
        "outcome": Named(f"{decided}.{event.outcome}"),
        "reply": Sealed(event.reply, SealPurpose.REQUEST_REPLY, envelope.subject),
    }
    level = "final" if event.final else event.level or "department"
    if level in DECIDE_BY:
        values = {**values, "until": Later(envelope.at, DECIDE_BY[level])}
    return Wanted(event.citizen_id, f"request.resolved.{level}", values)


def appeal_filed(event: RequestAppealFiled, envelope: Envelope) -> Wanted:
    """The appeal's own number."""
    return Wanted(event.citizen_id, "request.appeal_filed", {"number": envelope.subject, "first": event.appeal_of})


def appeal_decided(event: RequestAppealDecided, envelope: Envelope) -> Wanted:
    """The appeal is over, and the first request with it."""
    return Wanted(event.citizen_id, "request.appeal_decided", {"number": envelope.subject, "appeal": event.appeal})


def overridden(event: RequestOverridden, envelope: Envelope) -> Wanted:
    """An officer let it pass, and why."""
    values: Values = {
        "number": envelope.subject,
        "reason": Sealed(event.reason, SealPurpose.REQUEST_REASON, envelope.subject),
    }
    return Wanted(event.citizen_id, "request.overridden", values)


def reminded(event: RequestReminded, envelope: Envelope) -> Wanted:
    """What waits for the citizen, and what happens on which day if it goes on waiting."""
    values: Values = {"number": envelope.subject, "until": Day(event.until)}
    about = "final" if event.final else event.about
    return Wanted(event.citizen_id, f"request.reminded.{about}", values, event.until)


def revived(event: RequestRevived, envelope: Envelope) -> Wanted:
    """Tell the citizen of a merged request that it goes on by itself: its primary ended undone."""
    return Wanted(event.citizen_id, "request.revived", {"number": envelope.subject, "ended": event.ended})
