"""Anonymises requests, after an erasure or at the end of retention (docs/adr/0014).

The fields to keep are listed and all others are emptied, so that new fields are emptied unless listed.
"""

import secrets
from dataclasses import MISSING, Field, dataclass, fields
from datetime import datetime
from typing import Any, Literal

from services.requests.request.models import chain
from services.requests.request.models.lifecycle import ActorKind, Ended
from services.requests.request.models.request import Request
from shared.clock import utc_now
from shared.events import RequestAnonymised
from shared.records import PLUMBING

KEPT = frozenset(
    {
        "confidential", "filed_by", "hidden_from", "partner", "public_id", "channel",
        "kind", "service", "service_version", "district", "district_by", "state",
        "submitted_at", "changed_at", "department", "department_name", "due_at", "respond_by", "expected",
        "overdue_at", "escalated_to", "escalation_level", "delayed_until",
        "outcome", "resolved_at", "appeal", "appeal_of",
        "disputed", "waits", "waiting_since", "reminders", "clock", "clock_at", "history",
        "history_seal", "anonymised_at", "duplicate_of", "apart_since", "passes_on",
        "inbox", "parked", "discarded",
    }
)  # fmt: skip
"""Fields about what government did, and when."""
CHANGED = frozenset({"citizen_id", "point"})
"""Fields that are replaced: by a random id, and by a point rounded to about a kilometre."""
EMPTIED = frozenset(
    {
        "sealed_citizen", "sealed_track_code", "act_key_index", "sealed_answers", "sealed_address", "sealed_point",
        "facts", "appeal_filing", "idempotency_key", "body_hash", "active_service", "spot", "followers", "ended",
        "attachments", "intended", "publication",
    }
)  # fmt: skip
"""Fields that are emptied. A test checks that every field of a request is in one of these three sets."""
DEGREES = 2
"""Decimal places of latitude and longitude: about a kilometre."""

Reason = Literal["erasure", "retention"]


def anonymise(request: Request, reason: Reason) -> bool:
    """Remove the citizen from a request for good; False if it was anonymised before.

    Number, states, dates, department, service, district, outcome, rating and hashes stay. The record's events lose
    their bodies once all consumers have them; an event tells consumers to erase their copies.
    """
    if request.anonymised_at is not None:
        return False
    request.forget_events()
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
    request.note("anonymise", ActorKind.CITIZEN if reason == "erasure" else ActorKind.CLOCK, now, reason=reason)
    request.emit(RequestAnonymised(citizen_id=nobody, reason=reason), now)
    return True


def _empty(field: Field[Any]) -> Any:
    return field.default if field.default_factory is MISSING else field.default_factory()


@dataclass(frozen=True)
class KeepDays:
    """Days after its last step for which a request keeps personal data, by how it ended."""

    resolved: int
    withdrawn: int


@dataclass(frozen=True)
class Overdue:
    """Requests of a service that are due for anonymisation."""

    service: str
    ended: Ended
    before: datetime
    count: int
    oldest: datetime
