"""Whom to reach and how."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Literal

from services.notifier.models.addressed import Addressed
from services.notifier.models.preferences import CHOSEN_NOTHING, Preferences
from shared.events import NotificationCodeDelivered

CODES_TOLD = 20


@dataclass(kw_only=True)
class Contact(Addressed):
    """Whom to reach. Name, mobile and email stay sealed as they came; `mobile_index` finds the mobile again.

    `codes_told` has the codes of which it was said lately that they were delivered, `preferences` what was chosen.
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
    erased: bool = False
    erasing_until: datetime | None = None
    """Present while messages to an erased citizen are looked for."""

    def code_delivered(self, code_seq: int, channel: Literal["sms", "email"], at: datetime) -> bool:
        """Say that a code has arrived; False when that was said before."""
        if code_seq in self.codes_told:
            return False
        self.codes_told = [*self.codes_told, code_seq][-CODES_TOLD:]
        self.emit(NotificationCodeDelivered(code_seq=code_seq, channel=channel, delivered_at=at), at)
        return True

    def erase(self, until: datetime) -> None:
        """Forget who it is."""
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
