"""One message on its way, and its states."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class DeliveryState(StrEnum):
    """How far a notification has got."""

    CREATED = "created"
    SENDING = "sending"
    """An attempt is under way; without `calling`, the provider has taken the message."""
    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary-failure"
    PERMANENT_FAILURE = "permanent-failure"
    TECHNICAL_FAILURE = "technical-failure"
    EXPIRED = "expired"
    """Too late: it was of use until a time that has passed."""
    CANCELLED = "cancelled"
    """Not sent: something else had overtaken it, or nobody wants it or is there to get it any more."""
    NOBODY = "nobody"
    """There is no address: a request without a name, or a channel on which the contact has no address."""

    @classmethod
    def _missing_(cls, value: object) -> "DeliveryState | None":
        """What was stored before failures had kinds."""
        return cls.TEMPORARY_FAILURE if value == "failed" else None


GONE = ""
"""In place of the words of a message that was for the handset only and is on its way there, or of no use any more."""
WAITING = (DeliveryState.CREATED, DeliveryState.SENDING)
UNKNOWN_PAUSE, MAX_UNKNOWN_PAUSE = timedelta(seconds=2), timedelta(minutes=5)
SOON = timedelta(minutes=10)


@dataclass(kw_only=True, slots=True)
class Notification:
    """One message to one citizen over one channel; its id is "<event id>:<usual channel>", so an event makes it once.

    `to` and `words` are sealed for the citizen, so that a message that is turned to somebody else does not open.
    `event` (type and body) stays only until the words could be written: they need the citizen's language, and the
    event may overtake the citizen's registration. `due_at` is there while it waits for the courier, `claim` while one
    has it. `ended` is there when it reports the end of a request: the seq of that event. `heard`, of what a department
    did: the seq of the citizen's last event that was known there. How it is delivered stands in `delivery.py`.
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
    """A code, or what holds one: it goes before all others, and its words are gone once it is sent."""
    group: str | None = None
    """The group of events by which people choose what they get."""
    ours: str | None = None
    """Our name for the message at providers, the same on each attempt."""
    calling: dict[str, Any] | None = None
    """The provider that is about to be called, and since when: written before the call, gone with its answer."""
    provider: str | None = None
    """Who has taken the message."""
    reference: str | None = None
    """The provider's name for the message."""
    parts: int | None = None
    """How many SMS it takes."""
    delivered_at: datetime | None = None
    """When it arrived, by its provider's report."""
    read_at: datetime | None = None
    due: datetime | None = None
    """By when the department has to be done, as of this message."""
    included_in: str | None = None
    """The id of the message that includes this one (`combining.py`), or of its digest."""
    step: str | None = None
    """What happened to a request that somebody follows, for their digest."""

    @property
    def event_id(self) -> str:
        """The event that caused it."""
        return self.id.partition(":")[0]

    def overtaken(self, ends: Mapping[str, int]) -> bool:
        """Whether the request had ended when its department did this, not knowing; `ends` are seqs by number."""
        return self.heard is not None and self.heard < ends.get(self.subject, 0)

    @property
    def is_under_way(self) -> bool:
        """Whether a provider has it, or may have it."""
        has_it = self.state is DeliveryState.SENDING and (self.provider is not None or self.reference is not None)
        return self.calling is not None or has_it

    def expired(self, now: datetime) -> bool:
        """Whether it is of no use any more."""
        return self.expires_at is not None and self.expires_at <= now

    def expire(self) -> None:
        """Give it up: it was not delivered in time."""
        self._end(DeliveryState.EXPIRED)

    def cancel(self) -> None:
        """Give it up: it is not to be sent any more."""
        self._end(DeliveryState.CANCELLED)

    def include_in(self, other: str) -> None:
        """Leave it to another message. The event stays: that message may need words of it."""
        self.state, self.due_at, self.included_in = DeliveryState.CANCELLED, None, other

    def _end(self, state: DeliveryState) -> None:
        self.state, self.due_at, self.event, self.calling = state, None, None, None
        if self.urgent and self.words:
            self.words = GONE

    def document(self) -> dict[str, Any]:
        """As it is stored; what is None or False is left out."""
        values = ((name, getattr(self, name)) for name in FIELDS)
        return {"_id": self.id, **{name: value for name, value in values if value is not None and value is not False}}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Notification":
        """The notification that a stored document holds."""
        values = {name: document[name] for name in FIELDS if name in document}
        values["state"] = DeliveryState(values["state"])
        return cls(id=document["_id"], **values)


FIELDS = tuple(name for name in Notification.__slots__ if name != "id")


def notification_id(event_id: str, channel: str, follower: str | None = None) -> str:
    """The natural key of the message that an event makes on a channel, for its citizen or for a follower."""
    return f"{event_id}:{channel}" if follower is None else f"{event_id}:{channel}:{follower}"


def pause_unknown(created_at: datetime, now: datetime) -> timedelta:
    """How long to wait for the contact of a message of that age."""
    return UNKNOWN_PAUSE if now - created_at < SOON else MAX_UNKNOWN_PAUSE
