"""One message on its way: its states, and the rules of trying again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """How far a notification has got."""

    CREATED = "created"
    SENDING = "sending"
    """An attempt is under way; with a `reference`, the provider has taken the message and has not said more."""
    DELIVERED = "delivered"
    TEMPORARY_FAILURE = "temporary-failure"
    PERMANENT_FAILURE = "permanent-failure"
    TECHNICAL_FAILURE = "technical-failure"
    EXPIRED = "expired"
    NOBODY = "nobody"
    """There is nobody to tell: a request without a name, or a channel on which the contact has no address."""

    @classmethod
    def _missing_(cls, value: object) -> "State | None":
        """What was stored before failures had kinds."""
        return cls.TEMPORARY_FAILURE if value == "failed" else None


WAITING = (State.CREATED, State.SENDING)
TRIED_AGAIN = (State.TEMPORARY_FAILURE, State.TECHNICAL_FAILURE)
"""States that are tried again. A technical failure is one: once the settings are mended, waiting messages go out."""
MOST_ATTEMPTS = 48
MOST_UNSURE = 3
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(minutes=5)
UNKNOWN_PAUSE = timedelta(seconds=2)
SOON = timedelta(minutes=10)


@dataclass(kw_only=True, slots=True)
class Notification:
    """One message to one citizen over one channel; its id is "<event id>:<usual channel>", so an event makes it once.

    `to` and `words` are sealed for the citizen, so that a message that is turned to somebody else does not open.
    `event` (type and body) stays only until the words could be written: they need the citizen's language, and the
    event may overtake the citizen's registration. `due_at` is there while it waits for the courier, `claim` while one
    has it. `ended` is there when it tells the end of a request: the seq of that event. `heard`, of what a department
    did: the seq of the citizen's last event that was known there.
    """

    id: str
    citizen_id: str
    subject: str
    template: str
    channel: str
    created_at: datetime
    state: State = State.CREATED
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
    reference: str | None = None
    """The provider's name for the message."""

    def overtaken(self, ends: Mapping[str, int]) -> bool:
        """Whether the request had ended when its department did this, not knowing; `ends` are seqs by number."""
        return self.heard is not None and self.heard < ends.get(self.subject, 0)

    def expired(self, now: datetime) -> bool:
        """Whether what it says is of no use any more."""
        return self.expires_at is not None and self.expires_at <= now

    def attempted(self, at: datetime, state: State, reference: str | None = None, *, unsure: bool = False) -> None:
        """Note how an attempt ended, and when to try again if that is of any use.

        After `MOST_UNSURE` attempts that may have worked, it ends: the citizen must not get a message dozens of times.
        """
        attempt = {"at": at, "channel": self.channel, "state": state.value}
        self.attempts.append({**attempt, "unsure": True} if unsure else attempt)
        unsure_ones = sum("unsure" in attempt for attempt in self.attempts)
        again = state in TRIED_AGAIN and len(self.attempts) < MOST_ATTEMPTS and unsure_ones < MOST_UNSURE
        self.state, self.reference = State.CREATED if again else state, reference
        self.due_at = at + pause_after(len(self.attempts)) if again else None

    def expire(self) -> None:
        """Give it up: it was not delivered in time."""
        self.state, self.due_at, self.event = State.EXPIRED, None, None

    def document(self) -> dict[str, Any]:
        """As it is stored; what is None is left out."""
        values = {name: getattr(self, name) for name in FIELDS}
        return {"_id": self.id, **{name: value for name, value in values.items() if value is not None}}

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> "Notification":
        """The notification that a stored document holds."""
        values = {name: document[name] for name in FIELDS if name in document}
        values["state"] = State(values["state"])
        return cls(id=document["_id"], **values)


FIELDS = tuple(name for name in Notification.__slots__ if name != "id")


def notification_id(event_id: str, channel: str, follower: str | None = None) -> str:
    """The natural key of the message that an event makes on a channel, for its citizen or for a follower."""
    return f"{event_id}:{channel}" if follower is None else f"{event_id}:{channel}:{follower}"


def pause_unknown(created_at: datetime, now: datetime) -> timedelta:
    """How long to wait for the contact of a message of that age."""
    return UNKNOWN_PAUSE if now - created_at < SOON else LONGEST_PAUSE


def pause_after(attempts: int) -> timedelta:
    """How long to wait after that many attempts have failed."""
    return min(FIRST_PAUSE * (1 << min(attempts - 1, 10)), LONGEST_PAUSE)
