"""What is told of clocks, overrides, merges and appeals: each says what happened, or what will happen when."""

from services.notifier.models import Day, Sealed, Values, Wanted
from shared.envelope import Envelope
from shared.events import RequestAppealDecided, RequestAppealFiled, RequestOverridden, RequestReminded, RequestRevived


def appeal_filed(event: RequestAppealFiled, envelope: Envelope) -> Wanted:
    """The appeal's own number."""
    return Wanted(event.citizen_id, "request.appeal_filed", {"number": envelope.subject, "first": event.appeal_of})


def appeal_decided(event: RequestAppealDecided, envelope: Envelope) -> Wanted:
    """The appeal is over, and the first request with it."""
    return Wanted(event.citizen_id, "request.appeal_decided", {"number": envelope.subject, "appeal": event.appeal})


def overridden(event: RequestOverridden, envelope: Envelope) -> Wanted:
    """An officer let it pass, and why."""
    values: Values = {"number": envelope.subject, "reason": Sealed(event.reason, "request.reason", envelope.subject)}
    return Wanted(event.citizen_id, "request.overridden", values)


def reminded(event: RequestReminded, envelope: Envelope) -> Wanted:
    """What waits for the citizen, and what happens on which day if it goes on waiting."""
    values: Values = {"number": envelope.subject, "until": Day(event.until)}
    about = "final" if event.final else event.about
    return Wanted(event.citizen_id, f"request.reminded.{about}", values, event.until)


def revived(event: RequestRevived, envelope: Envelope) -> Wanted:
    """Tell the citizen of a merged request that it goes on by itself: its primary ended undone."""
    return Wanted(event.citizen_id, "request.revived", {"number": envelope.subject, "ended": event.ended})
