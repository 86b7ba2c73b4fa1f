"""A message that an event asks for, before it has words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.seal import SealPurpose

SMS, EMAIL = "sms", "email"
NOWHERE = "none"
"""The channel of notifications that are only recorded, as a mark that something happened."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed text with its purpose and owner. Free text is somebody's own words: shortened if long."""

    text: str
    purpose: SealPurpose
    owner: str
    free: bool = True


@dataclass(frozen=True, slots=True)
class Day:
    """A time, written as its date."""

    at: datetime


@dataclass(frozen=True, slots=True)
class DaysAfter:
    """The date so many days after a time; the setting has how many."""

    at: datetime
    days: Literal["dispute_days", "appeal_days"]


@dataclass(frozen=True, slots=True)
class Hour:
    """A time, written as the time of day."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """Words that `names.yaml` keeps by name."""

    name: str


PlainValue = str | int | Mapping[str, str] | Day | DaysAfter | Hour | Named
Value = PlainValue | Sealed
"""What may stand in a place of a template; a mapping holds one text by language."""

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """A message that an event asks for. Past `expires_at` it must not be sent any more.

    `channel` stands in for the usual one, `to` and `email` (sealed) for the contact's own. One that goes `everywhere`
    has a copy on each of its channels, and none where the contact has no such address. `heard` is the
    department's event's field of that name.
    """

    citizen_id: str
    template: str
    values: Values
    expires_at: datetime | None = None
    channel: str | None = None
    to: str | None = None
    email: str | None = None
    everywhere: bool = False
    heard: int | None = None
    due: datetime | None = None
    """By when the department has to be done, where the event has a date."""
