"""The message that an event asks for, whoever it is addressed to."""

from dataclasses import replace

from services.notifier.handlers import HANDLERS
from services.notifier.models import Wanted
from shared.envelope import Envelope, MalformedEnvelopeError
from shared.events import CONFIDENTIAL, AssignmentEvent
from shared.inbox import read_event
from shared.seal import KeyRing


def wanted_by(envelope: Envelope) -> Wanted:
    """The message that an event asks for. Raises MalformedEnvelopeError."""
    handler = HANDLERS.get(envelope.type)
    if handler is None:
        raise MalformedEnvelopeError(f"no handler for {envelope.type}")
    event = read_event(envelope)
    message = replace(handler.message(event, envelope), everywhere=len(handler.channels) > 1)
    return replace(message, heard=event.heard or 0) if isinstance(event, AssignmentEvent) else message


def addressed(message: Wanted, subject: str, keys: KeyRing) -> Wanted:
    """The message with the citizen's own id, which stands sealed in events of confidential requests (`subject`).

    Raises SealBrokenError.
    """
    if not message.citizen_id.startswith(CONFIDENTIAL):
        return message
    sealed = message.citizen_id.removeprefix(CONFIDENTIAL)
    return replace(message, citizen_id=keys.unseal(sealed, "request.citizen", of=subject))
