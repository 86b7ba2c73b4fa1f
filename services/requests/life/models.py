"""What is left of a request once nobody may be found in it any more (erasure, retention; docs/adr/0014).

What is kept is listed and everything else is emptied, so that a field added later is safe until somebody decides.
"""

import secrets
from dataclasses import MISSING, Field, dataclass, fields
from datetime import datetime
from typing import Any, Literal

from services.requests.request.models import chain
from services.requests.request.models.lifecycle import Ended, Who
from services.requests.request.models.request import Request
from shared.clock import utc_now
from shared.events import RequestAnonymised
from shared.records import PLUMBING

KEPT = frozenset(
    {
        "confidential", "filed_by", "channel", "kind", "service", "service_version", "district", "district_by", "state",
        "submitted_at", "changed_at", "department", "department_name", "due_at", "respond_by", "expected",
        "outcome", "resolved_at", "appeal", "appeal_of",
        "disputed", "waits", "waiting_since", "reminders", "clock", "clock_at", "history",
        "history_seal", "anonymised_at", "duplicate_of", "apart_since", "passes_on",
        "inbox", "parked", "discarded",
    }
)  # fmt: skip
"""Fields that say what government did, and when."""
CHANGED = frozenset({"citizen_id", "point"})
"""Fields of which something stays: an id that leads to nobody, and a place to about a kilometre."""
EMPTIED = frozenset(
    {
        "sealed_citizen", "sealed_track_code", "act_key_index", "sealed_answers", "sealed_address", "facts",
        "appeal_filing", "idempotency_key", "body_hash", "active_service", "spot", "followers", "ended",
        "attachments", "intended",
    }
)  # fmt: skip
"""Fields that go back to nothing. A test wants each field of a request in one of these three tables."""
DEGREES = 2
"""Digits after the point of a latitude or longitude: about a kilometre."""

Reason = Literal["erasure", "retention"]


def anonymise(request: Request, reason: Reason) -> bool:
    """Take the person out of a request, for good; False when that was done before.

    Its number, states, dates, department, service, district, outcome, rating and hashes stay. The record's own
    events lose their bodies as soon as everybody has them; consumers that keep words or links of it hear of it.
    """
    if request.anonymised_at is not None:
        return False
    request.forget_said()
    request.discard_attachments()
    nobody = f"erased:{secrets.token_hex(16)}"
    for field in fields(Request):
        if field.name not in KEPT | CHANGED | PLUMBING:
            setattr(request, field.name, _empty(field))
    request.citizen_id = nobody
    if request.point is not None:
        request.point = {axis: round(degrees, DEGREES) for axis, degrees in request.point.items()}
    for entry in request.history:
        chain.forget(entry)
    now = utc_now()
    request.anonymised_at = now
    request.note("anonymise", Who.CITIZEN if reason == "erasure" else Who.CLOCK, now, reason=reason)
    request.emit(RequestAnonymised(citizen_id=nobody, reason=reason), now)
    return True


def _empty(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


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
