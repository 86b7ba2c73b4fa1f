"""People with addresses for messages, and which of these addresses take none."""

from dataclasses import dataclass, field
from datetime import datetime

from services.notifier.models.wanted import EMAIL, SMS
from shared.records import Record
from shared.seal import SealPurpose

SEALED_AS = {SMS: SealPurpose.CITIZEN_MOBILE, EMAIL: SealPurpose.CITIZEN_EMAIL}
"""The kind of seal of each channel's address."""


@dataclass(kw_only=True, eq=False)
class Addressed(Record):
    """A record with a sealed mobile and email; `failing` says which channel's address takes no messages, since when."""

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
