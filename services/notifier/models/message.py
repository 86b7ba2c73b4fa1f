"""A message that an event causes, before its text is written."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from shared.seal import SealPurpose

SMS, EMAIL = "sms", "email"
NOWHERE = "none"
"""The channel of notifications that are only recorded, to mark an event as handled."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Sealed text with its purpose and owner. Free text was written by a person and may be shortened."""

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
    """The date some days after a time; a setting says how many."""

    at: datetime
    days: Literal["dispute_days", "appeal_days"]


@dataclass(frozen=True, slots=True)
class Hour:
    """A time, written as the time of day."""

    at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """A text of `names.yaml`, by its name."""

    name: str


PlainValue = str | int | Mapping[str, str] | Day | DaysAfter | Hour | Named
Value = PlainValue | Sealed
"""A value of a template; a mapping contains a text by language."""

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class MessageSpec:
    """A message that an event causes. After `expires_at` it must not be sent.

    `channel` replaces the usual channel, `to` and `email` (sealed) the contact's addresses. An `everywhere` message
    has a copy on each channel for which the contact has an address. `heard` is the field of the department's event.
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
    """The due date, if the event contains one."""
