"""The message that an event asks for, whoever it is addressed to."""

from dataclasses import replace

from services.notifier.handlers import HANDLERS
from services.notifier.models import Notification, Wanted
from services.notifier.models.combining import COMBINATIONS, EarlierMessages
from shared.envelope import Envelope, MalformedEnvelopeError
from shared.events import CONFIDENTIAL, AssignmentEvent
from shared.inbox import read_event
from shared.seal import KeyRing, SealPurpose


def wanted_by(envelope: Envelope) -> Wanted:
    """The message that an event asks for. Raises MalformedEnvelopeError."""
    handler = HANDLERS.get(envelope.type)
    if handler is None:
        raise MalformedEnvelopeError(f"no handler for {envelope.type}")
    event = read_event(envelope)
    message = replace(handler.message(event, envelope), everywhere=len(handler.channels) > 1)
    if isinstance(event, AssignmentEvent):
        return replace(message, heard=event.heard or 0, due=getattr(event, "due_at", None))
    return message


def addressed(message: Wanted, subject: str, keys: KeyRing) -> Wanted:
    """The message with the citizen's own id, which stands sealed in events of confidential requests (`subject`).

    Raises SealBrokenError.
    """
    if not message.citizen_id.startswith(CONFIDENTIAL):
        return message
    sealed = message.citizen_id.removeprefix(CONFIDENTIAL)
    return replace(message, citizen_id=keys.unseal(sealed, SealPurpose.REQUEST_CITIZEN, owner=subject))


def envelope_of(notification: Notification) -> Envelope:
    """The event of a notification that has no words yet."""
    return Envelope.of_entry(notification.id.partition("/")[0], notification.subject, notification.event or {})


def combined(message: Wanted, earlier: EarlierMessages) -> Wanted:
    """The message with its earlier ones included. Raises MalformedEnvelopeError."""
    if not earlier.included:
        return message
    last = earlier.included[-1]
    how = COMBINATIONS[message.template][last.template]
    values = wanted_by(envelope_of(last)).values if how.keeps else {}
    kept = {name: values[name] for name in how.keeps}
    return replace(message, template=how.template, values={**message.values, **kept})
