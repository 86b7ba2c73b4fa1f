"""The message that a department gets of an event: its fields without sealed texts, which only services can open.

The texts are at the path in `details`, where each access is checked and recorded.
"""

import json
from functools import cache
from typing import Any

from services.routing.feed.models import FeedMessage
from shared import events
from shared.envelope import Envelope
from shared.events import (
    BY_TYPE,
    AssignmentEvent,
    Event,
    RequestPartChanged,
    RequestTransferred,
    sealed_fields,
)

DEPARTMENT_EVENTS: tuple[type[Event], ...] = (
    events.RequestRouted,
    events.RequestAccepted,
    events.RequestAssigned,
    events.RequestQuestioned,
    events.RequestCitizenReminded,
    events.RequestResumed,
    events.RequestProgressed,
    events.RequestFileAdded,
    events.RequestFileRemoved,
    events.RequestWordsAdded,
    events.RequestContactChanged,
    events.RequestAbsorbed,
    events.RequestPartAsked,
    events.RequestPartChanged,
    events.RequestDueSoon,
    events.RequestDelayed,
    events.RequestOverdue,
    events.RequestEscalated,
    events.RequestTransferred,
    events.RequestResolved,
    events.RequestReopened,
    events.RequestUnderAppeal,
    events.RequestClosed,
    events.RequestGraded,
    events.RequestErased,
    events.DepartmentAccessRenewed,
    events.DepartmentMessagesPutAside,
)
"""What a department gets, in the order of a request's life: each is emitted with its `queue`, and gets a number."""
DETAILS = "/api/v1/requests/{}"
TRANSFER = "/api/v1/assignments/{}/transfer"
PART = "/api/v1/parts/{}/{}"


def message_of(envelope: Envelope, feed: str) -> FeedMessage:
    """The message for a department's feed."""
    body = body_of(envelope.type, envelope.subject, envelope.data, feed)
    return FeedMessage(feed, envelope.id, envelope.type, envelope.subject, envelope.seq, envelope.at, body)


def body_of(event_type: str, subject: str, data: bytes, department: str) -> bytes:
    """The body for a department: without sealed texts, and with the path of what it may read about the event."""
    hidden, has_details = _shape(event_type)
    if not hidden and has_details:
        return data
    body = {name: value for name, value in json.loads(data).items() if name not in hidden}
    if event_type.startswith("request."):
        body.setdefault("details", _details_of(event_type, subject, body, department))
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _details_of(event_type: str, subject: str, body: dict[str, Any], department: str) -> str:
    """Of a request that it transferred, and of one of which it does a part, a department can read nothing else."""
    if event_type == RequestTransferred.type:
        return TRANSFER.format(subject)
    if event_type == RequestPartChanged.type and body.get("to") == department:
        return PART.format(subject, body["part"])
    return DETAILS.format(subject)


@cache
def _shape(event_type: str) -> tuple[frozenset[str], bool]:
    """The sealed fields of an event, and whether it always has `details`. An older version may have had other types."""
    contract: type[Event] = BY_TYPE.get(event_type, AssignmentEvent)
    details = contract.model_fields.get("details")
    return sealed_fields(contract), details is not None and details.is_required()
