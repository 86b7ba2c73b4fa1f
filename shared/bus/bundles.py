"""Bundles: one message with several events of one type, which costs the broker and both ends much less than one each.

The body is a batch in CloudEvents' JSON format. Only events for all services are bundled, never messages for a
department's queue. A single event is an ordinary message.
"""

from collections.abc import Sequence
from typing import Any

from pydantic_core import from_json, to_json

from shared.bus.frames import Message
from shared.bus.stream import IncomingMessage
from shared.bus.topology import EVENTS

BUNDLE = "rabta-bundle"
"""The header with the number of events."""
MAX_BUNDLE = 25
ATTRIBUTE = "ce-"
MEDIA_TYPE = "application/cloudevents-batch+json"
TRUSTED = (EVENTS, "")
"""The exchanges to which only services may publish; a bundle among the dead letters comes back over the second one."""


def bundled(messages: Sequence[Message]) -> tuple[list[Message], list[int]]:
    """The messages to publish in place of these, and for each of these the index of the message that contains it.

    The events of one subject keep their order: one does not join a bundle that is before the subject's last event.
    """
    groups: list[list[Message]] = []
    places: list[int] = []
    filling: dict[str, int] = {}
    last: dict[str | None, int] = {}
    for message in messages:
        is_event, subject = message.exchange == EVENTS, message.correlation_id
        place = filling.get(message.key, -1) if is_event else -1
        if place < last.get(subject, 0) or len(groups[place]) == MAX_BUNDLE:
            place = len(groups)
            groups.append([])
        if is_event:
            filling[message.key] = last[subject] = place
        groups[place].append(message)
        places.append(place)
    return [group[0] if len(group) == 1 else bundle_of(group) for group in groups], places


def unbundled(message: IncomingMessage) -> list[IncomingMessage]:
    """The events in a message as messages of their own, with its delivery tag; the message if it is no bundle."""
    if BUNDLE not in message.headers or message.exchange not in TRUSTED:
        return [message]
    try:
        return [_taken_from(message, event) for event in from_json(message.body)]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [message]  # without an event's headers it is put among the dead letters


def bundle_of(messages: Sequence[Message]) -> Message:
    """One message with these events, which are of one type."""
    first = messages[0]
    body = b"[" + b",".join(map(_event, messages)) + b"]"
    headers = {"ce-type": first.key, BUNDLE: len(messages)}
    return Message(
        first.exchange, first.key, body, f"{first.message_id}+{len(messages) - 1}", headers, content_type=MEDIA_TYPE
    )


def _event(message: Message) -> bytes:
    attributes = to_json({name.removeprefix(ATTRIBUTE): value for name, value in message.headers.items()})
    return attributes[:-1] + b',"data":' + message.body + b"}"


def _taken_from(message: IncomingMessage, event: dict[str, Any]) -> IncomingMessage:
    body = to_json(event.pop("data"))
    headers = {ATTRIBUTE + name: value for name, value in event.items()}
    return IncomingMessage(
        message.tag, message.redelivered, message.exchange, message.routing_key, headers, event["id"], None, body
    )
