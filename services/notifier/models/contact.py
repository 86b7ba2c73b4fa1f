"""People who get messages: their addresses, and which of these take no messages."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from services.notifier.models.message import EMAIL, SMS
from services.notifier.models.preferences import CHOSEN_NOTHING, Preferences
from shared.events import NotificationCodeDelivered
from shared.records import Record
from shared.seal import SealPurpose

STAFF = "staff:"
"""Begins the `citizen_id` of a message to a member of staff; the account follows."""
PHONE = "phone:"
"""Begins the `citizen_id` of an answer to a phone that belongs to no account; the blind index of its mobile follows."""
SEALED_AS = {SMS: SealPurpose.CITIZEN_MOBILE, EMAIL: SealPurpose.CITIZEN_EMAIL}
"""The kind of seal of each channel's address."""
CODES_TOLD = 20


@dataclass(kw_only=True, eq=False)
class Addressed(Record):
    """A record with a sealed mobile and email; `failing`: channels whose address takes no messages, and since when."""

    mobile: str = ""
    email: str = ""
    failing: dict[str, datetime] = field(default_factory=dict)

    @property
    def sealed_for(self) -> str:
        """For whom the addresses are sealed."""
        return self.id

    def address(self, channel: str) -> str:
        """The sealed mobile or email; empty where there is none."""
        return self.email if channel == EMAIL else self.mobile

    def address_fails(self, channel: str, at: datetime) -> bool:
        """Note that the address of a channel takes no messages; False when that was known."""
        if channel in self.failing:
            return False
        self.failing = {**self.failing, channel: at}
        return True

    def address_works(self, channel: str) -> bool:
        """Note that the address of a channel takes messages, or is a new one; False when nothing else was known."""
        if channel not in self.failing:
            return False
        self.failing = {name: since for name, since in self.failing.items() if name != channel}
        return True


@dataclass(kw_only=True)
class Contact(Addressed):
    """Whom to reach. Name, mobile and email stay sealed as they came; `mobile_index` finds the mobile again.

    `codes_told` has the codes whose delivery was published lately, `preferences` what was chosen.
    """

    source: ClassVar[str] = "notifier"

    name: str = ""
    language: str = "en"
    verified: bool = False
    mobile_unproven: bool = False
    """Nobody has proven the mobile: nothing goes there but messages that name it themselves."""
    mobile_index: str = ""
    codes_told: list[int] = field(default_factory=list)
    preferences: dict[str, Any] = field(default_factory=dict)
    bad_email_left: int | None = None
    """The seq of the event that replaced an email address which took no messages."""
    erased: bool = False
    erasing_until: datetime | None = None
    """Present while messages to an erased citizen are looked for."""

    def code_delivered(self, code_seq: int, channel: Literal["sms", "email"], at: datetime) -> bool:
        """Publish that a code has arrived; False when that was done before."""
        if code_seq in self.codes_told:
            return False
        self.codes_told = [*self.codes_told, code_seq][-CODES_TOLD:]
        self.emit(NotificationCodeDelivered(code_seq=code_seq, channel=channel, delivered_at=at), at)
        return True

    def erase(self, until: datetime) -> None:
        """Forget the person."""
        self.name = self.mobile = self.email = self.mobile_index = ""
        self.verified, self.erased, self.erasing_until = False, True, until
        self.preferences, self.failing = {}, {}


@dataclass(frozen=True, slots=True)
class Reach:
    """What delivery needs of a contact: its language, its sealed mobile and email, what was chosen.

    An `erased` citizen gets nothing. No SMS goes to a mobile that is unproven, unless the message names it itself.
    """

    language: str
    mobile: str
    email: str = ""
    erased: bool = False
    mobile_unproven: bool = False
    preferences: Preferences = CHOSEN_NOTHING
    failing: frozenset[str] = frozenset()
    """Channels whose address takes no messages."""
    bad_email_left: int | None = None
