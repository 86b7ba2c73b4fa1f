"""The event contracts, by publisher.

Types are named `<subject>.<past tense>.v<version>`; the type is the routing key. An optional field may be added; any
other change makes a new version of the event. `Sealed` fields have encrypted personal data (`shared.seal`).
"""

from shared.events import identity, notifier, requests, routing
from shared.events.contract import *  # noqa: F403  # each name of these modules is a contract
from shared.events.contract import Event
from shared.events.identity import *  # noqa: F403
from shared.events.notifier import *  # noqa: F403
from shared.events.requests import *  # noqa: F403
from shared.events.routing import *  # noqa: F403

EVENTS: tuple[type[Event], ...] = tuple(
    value
    for module in (identity, requests, routing, notifier)
    for value in vars(module).values()
    if isinstance(value, type) and issubclass(value, Event) and "type" in vars(value)
)
"""All contracts, in the order of their modules; base classes have no type of their own."""
BY_TYPE: dict[str, type[Event]] = {event.type: event for event in EVENTS}

CONSUMERS: dict[str, tuple[str, ...]] = {
    "citizen": ("requests", "notifier"),
    "service": ("routing", "identity"),
    "request@requests": ("routing", "notifier"),
    "request@routing": ("requests", "notifier"),
    "department": ("identity", "requests", "notifier"),
    "rules": ("identity",),
    "notification": ("identity",),
    "access": ("identity",),
    "staff": ("routing", "requests", "notifier"),
}
"""The services that must have applied the events of each stream before they are settled."""


def stream_of(event: type[Event]) -> str:
    """The stream of an event: the kind of its subject, and the source for requests, which have two."""
    kind = event.type.partition(".")[0]
    return f"request@{event.source}" if kind == "request" else kind
