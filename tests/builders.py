"""Builders of valid objects; a test passes the fields that matter to it."""

from typing import Any

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.request.models import chain
from services.requests.request.models.request import Request
from services.routing.models.assignment import Assignment
from services.routing.models.directory import DepartmentRecord, ServiceCopy
from shared.bus import Delivery, IncomingMessage, Message
from shared.bus.consumer import ATTEMPT
from shared.envelope import Envelope
from shared.events import Event
from shared.seal import KeyRing, SealPurpose
from tests.fakes import START

KEYS = KeyRing(data_key=b"d" * 32, index_key=b"i" * 32)
NUMBER = "RB-7F3K-9Q2M-E"
CITIZEN = "citizen-1"


def words(text: str) -> dict[str, str]:
    """One text in both languages."""
    return {"en": text, "ur": f"{text} (اردو)"}


def a_request(number: str = NUMBER, **fields: Any) -> Request:
    """A newly filed request."""
    given: dict[str, Any] = {
        "citizen_id": CITIZEN,
        "kind": "complaint",
        "service": "street-light-out",
        "service_version": 1,
        "district": "peshawar",
        "sealed_answers": KEYS.seal("{}", SealPurpose.REQUEST_ANSWERS, owner=number),
        "submitted_at": START,
        "changed_at": START,
        "idempotency_key": f"key-of-{number}",
        "body_hash": "hash",
    }
    return Request(id=number, **given | fields)


def an_assignment(number: str = NUMBER, **fields: Any) -> Assignment:
    """An assignment that has no department yet."""
    given = {"citizen_id": CITIZEN, "service": "street-light-out", "kind": "complaint", "district": "peshawar"}
    return Assignment(id=number, **given | fields)


def a_department(code: str = "power", **fields: Any) -> DepartmentRecord:
    """A department."""
    return DepartmentRecord(id=code, **{"name": words(code), "head": words(f"Head of {code}"), **fields})


def a_service_copy(code: str = "street-light-out", **fields: Any) -> ServiceCopy:
    """Routing's copy of a service, with one rule: to the department `power`."""
    given: dict[str, Any] = {
        "version": 1,
        "kind": "complaint",
        "name": words(code),
        "due": {"days": 3, "calendar": "working"},
        "respond": {"hours": 4, "calendar": "working"},
        "department": [{"to": "power", "because": words("The power company keeps the lamps.")}],
    }
    return ServiceCopy(id=code, **given | fields)


def a_catalogue_document(**changes: Any) -> dict[str, Any]:
    """A catalogue entry, as in its file."""
    document: dict[str, Any] = {
        "code": "street-light-out",
        "kind": "complaint",
        "category": "roads",
        "name": words("Street light out"),
        "summary": words("Tell that a street light is dark."),
        "charter": {
            "who": words("Anybody."),
            "fee": {"amount": 0},
            "officer": words("Executive Engineer"),
            "appellate_authority": words("Superintending Engineer"),
            "source": "a test",
        },
        "due": {"days": 3, "calendar": "working"},
        "respond": {"hours": 4, "calendar": "working"},
        "department": [{"to": "power", "because": words("The power company keeps the lamps.")}],
        "form": {
            "type": "object",
            "additionalProperties": False,
            "required": ["lights"],
            "properties": {
                "lights": {"type": "string", "enum": ["one", "many"], "x-routing": True},
                "description": {"type": "string", "minLength": 3, "maxLength": 200},
            },
        },
    }
    return document | changes


def a_catalogue_entry(**changes: Any) -> CatalogueEntry:
    """A valid catalogue entry."""
    return CatalogueEntry.model_validate(a_catalogue_document(**changes))


def an_envelope(event: Event, seq: int = 1, *, subject: str = NUMBER, queue: str | None = None) -> Envelope:
    """The envelope of an event, from its own source."""
    body = event.model_dump_json(exclude_none=True).encode()
    return Envelope(event.source, event.type, subject, seq, START, body, queue)


def a_delivery(
    what: Envelope | Message | bytes = b"{}",
    *,
    headers: dict[str, Any] | None = None,
    message_id: str = "message-1",
    user_id: str | None = None,
    routing_key: str = "",
    tag: int = 1,
    redelivered: bool = False,
    reply_to: str | None = None,
) -> Delivery:
    """A delivery of an event, of a published message, or of a body."""
    body, carried = b"", {}
    if isinstance(what, Envelope):
        body, carried, message_id = what.data, what.headers(), what.id
    elif isinstance(what, Message):
        body, carried, message_id, routing_key = what.body, dict(what.headers), what.message_id, what.key
    else:
        body = what
    carried |= headers or {}
    received = a_received(body, carried, message_id, user_id, routing_key, tag, redelivered)
    received.reply_to = reply_to
    return Delivery(received)


def a_received(
    body: bytes,
    headers: dict[str, Any],
    message_id: str | None = "message-1",
    user_id: str | None = None,
    routing_key: str = "",
    tag: int = 1,
    redelivered: bool = False,
    exchange: str | None = None,
) -> IncomingMessage:
    """A message as the broker delivers it."""
    # What was put aside comes back through the default exchange.
    usual = "" if ATTEMPT in headers else "rabta.events"
    return IncomingMessage(
        tag, redelivered, usual if exchange is None else exchange, routing_key, headers, message_id, user_id, body
    )


def rechain(number: str, history: list[dict[str, Any]]) -> None:
    """Calculate all hashes of a history again, like somebody who rewrites one."""
    entries = [{name: value for name, value in entry.items() if name != "hash"} for entry in history]
    history.clear()
    for entry in entries:
        chain.append(number, history, entry)
