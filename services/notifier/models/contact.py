"""People who get messages: their addresses, and which of these are bad."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.preferences import CHOSEN_NOTHING, Preferences
from shared.events import Channel, NotificationCodeDelivered
from shared.records import Record
from shared.seal import SealPurpose

STAFF = "staff:"
"""Prefix of the `citizen_id` of a message to a member of staff, before the account."""
PHONE = "phone:"
"""Prefix of the `citizen_id` of an answer to a phone without an account, before the mobile's blind index."""
SEALED_AS = {SMS: SealPurpose.CITIZEN_MOBILE, EMAIL: SealPurpose.CITIZEN_EMAIL}
"""The seal purpose of each channel's address."""
CODES_TOLD = 20


@dataclass(kw_only=True, eq=False)
class Addressed(Record):
    """A record with a sealed mobile and email; `failing`: channels with a bad address, and since when."""

    mobile: str = ""
    email: str = ""
    failing: dict[str, datetime] = field(default_factory=dict)

    @property
    def sealed_for(self) -> str:
        """The owner of the sealed addresses."""
        return self.id

    def address(self, channel: str) -> str:
        """The sealed mobile or email; empty if there is none."""
        return self.email if channel == EMAIL else self.mobile

    def address_fails(self, channel: str, at: datetime) -> bool:
        """Note that the address of a channel is bad; False if that was known."""
        if channel in self.failing:
            return False
        self.failing = {**self.failing, channel: at}
        return True

    def address_works(self, channel: str) -> bool:
        """Note that the address of a channel works or is new; False if it was not bad."""
        if channel not in self.failing:
            return False
        self.failing = {name: since for name, since in self.failing.items() if name != channel}
        return True


@dataclass(kw_only=True)
class Contact(Addressed):
    """A citizen's addresses. Name, mobile and email stay sealed as received; `mobile_index` finds the mobile.

    `codes_told` contains the codes whose delivery was recently published, `preferences` the citizen's choices.
    """

    name: str = ""
    language: str = "en"
    verified: bool = False
    mobile_unproven: bool = False
    """The mobile is not proven: it gets only messages that contain the number themselves."""
    mobile_index: str = ""
    codes_told: list[int] = field(default_factory=list)
    preferences: dict[str, Any] = field(default_factory=dict)
    bad_email_left: int | None = None
    """The seq of the event that replaced a bad email address."""
    erased: bool = False
    erasing_until: datetime | None = None
    """Set while the sweep looks for messages of an erased citizen."""

    def code_delivered(self, code_seq: int, channel: Channel, at: datetime) -> bool:
        """Publish that a code has arrived; False if that was done before."""
        if code_seq in self.codes_told:
            return False
        self.codes_told = [*self.codes_told, code_seq][-CODES_TOLD:]
        self.emit(NotificationCodeDelivered(code_seq=code_seq, channel=channel, delivered_at=at), at)
        return True

    def erase(self, until: datetime) -> None:
        """Empty the contact."""
        self.name = self.mobile = self.email = self.mobile_index = ""
        self.verified, self.erased, self.erasing_until = False, True, until
        self.preferences, self.failing = {}, {}


@dataclass(frozen=True, slots=True)
class Reach:
    """The part of a contact that delivery needs: language, sealed mobile and email, preferences.

    An `erased` citizen gets nothing. An unproven mobile gets no SMS, unless the message contains the number itself.
    """

    language: str
    mobile: str
    email: str = ""
    erased: bool = False
    mobile_unproven: bool = False
    preferences: Preferences = CHOSEN_NOTHING
    failing: frozenset[str] = frozenset()
    """Channels with a bad address."""
    bad_email_left: int | None = None
