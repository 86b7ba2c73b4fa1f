"""A message and its states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class DeliveryState(StrEnum):
    """The state of a notification."""

    CREATED = "created"
    SENDING = "sending"
    """An attempt is running; without `calling`, the provider has accepted the message."""
    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary-failure"
    PERMANENT_FAILURE = "permanent-failure"
    TECHNICAL_FAILURE = "technical-failure"
    EXPIRED = "expired"
    """Too late: it was useful until a time that has passed."""
    CANCELLED = "cancelled"
    """Not sent: outdated, included in another, not wanted, or its recipient is gone."""
    NOBODY = "nobody"
    """No address: an anonymous request, or a channel for which the contact has none."""

    @classmethod
    def _missing_(cls, value: object) -> "DeliveryState | None":
        """Read documents from before there were different failures."""
        return cls.TEMPORARY_FAILURE if value == "failed" else None


GONE = ""
"""The text of a secret message after it was sent or has expired."""
WAITING = (DeliveryState.CREATED, DeliveryState.SENDING)
UNKNOWN_PAUSE, MAX_UNKNOWN_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
SOON = timedelta(minutes=10)


@dataclass(kw_only=True, slots=True)
class Notification:
    """A message to a citizen over a channel; its id is "<event id>:<usual channel>", so an event makes it once.

    `to` and `words` are sealed for the citizen, so a message redirected to another person does not open. `event` (type
    and body) is kept only until the text can be written, which needs the citizen's language; the event may overtake
    the registration. `due_at` is set while it waits for the courier, `claim` while a courier holds it. `ended` is set
    if it reports the end of a request: the seq of that event. `heard`, for a department's action, is the seq of the
    citizen's last event that the department knew. `delivery.py` has the rules of delivery.
    """

    id: str
    citizen_id: str
    subject: str
    template: str
    channel: str
    created_at: datetime
    state: DeliveryState = DeliveryState.CREATED
    language: str | None = None
    to: str | None = None
    words: str | None = None
    event: dict[str, Any] | None = None
    expires_at: datetime | None = None
    due_at: datetime | None = None
    claim: str | None = None
    attempts: list[dict[str, Any]] = field(default_factory=list)
    ended: int | None = None
    heard: int | None = None
    urgent: bool = False
    """A message with a code: it is sent before all others, and its text is deleted once it is sent."""
    group: str | None = None
    """The group to which the citizen's preferences apply."""
    ours: str | None = None
    """Our reference at providers, the same for each attempt."""
    calling: dict[str, Any] | None = None
    """The provider about to be called, and since when: written before the call, removed with its answer."""
    provider: str | None = None
    """The provider that accepted the message."""
    reference: str | None = None
    """The provider's reference."""
    parts: int | None = None
    """The number of SMS."""
    delivered_at: datetime | None = None
    """When it arrived, according to its provider."""
    read_at: datetime | None = None
    due: datetime | None = None
    """The due date at the time of this message."""
    included_in: str | None = None
    """The id of the message (`combining.py`) or digest that includes this one."""
    step: str | None = None
    """The name of the step of a followed request, for the digest."""

    @property
    def event_id(self) -> str:
        """The event that caused it."""
        return self.id.partition(":")[0]

    def overtaken(self, ends: Mapping[str, int]) -> bool:
        """Whether the department acted before it knew that the request had ended; `ends` are seqs by number."""
        return self.heard is not None and self.heard < ends.get(self.subject, 0)

    @property
    def is_under_way(self) -> bool:
        """Whether a provider has it or may have it."""
        has_it = self.state is DeliveryState.SENDING and (self.provider is not None or self.reference is not None)
        return self.calling is not None or has_it

    def expired(self, now: datetime) -> bool:
        """Whether it is too late to send it."""
        return self.expires_at is not None and self.expires_at <= now

    def expire(self) -> None:
        """Give up: it was not delivered in time."""
        self._end(DeliveryState.EXPIRED)

    def cancel(self) -> None:
        """Give up: it must no longer be sent."""
        self._end(DeliveryState.CANCELLED)

    def include_in(self, other: str) -> None:
        """Leave it to another message. The event stays, because that message may need its values."""
        self.state, self.due_at, self.included_in = DeliveryState.CANCELLED, None, other

    def _end(self, state: DeliveryState) -> None:
        self.state, self.due_at, self.event, self.calling = state, None, None, None
        if self.urgent and self.words:
            self.words = GONE

    def document(self) -> dict[str, Any]:
        """The stored form, without fields that are None or False."""
        values = ((name, getattr(self, name)) for name in FIELDS)
        return {"_id": self.id, **{name: value for name, value in values if value is not None and value is not False}}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Notification":
        """The notification in a stored document."""
        values = {name: document[name] for name in FIELDS if name in document}
        values["state"] = DeliveryState(values["state"])
        return cls(id=document["_id"], **values)


FIELDS = tuple(name for name in Notification.__slots__ if name != "id")


def notification_id(event_id: str, channel: str, follower: str | None = None) -> str:
    """The natural key of an event's message on a channel, for its citizen or a follower."""
    return f"{event_id}:{channel}" if follower is None else f"{event_id}:{channel}:{follower}"


def pause_unknown(created_at: datetime, now: datetime) -> timedelta:
    """How long to wait for the contact of a message of that age."""
    return UNKNOWN_PAUSE if now - created_at < SOON else MAX_UNKNOWN_PAUSE
