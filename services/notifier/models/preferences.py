"""What people choose to be sent, by which channel, and when.

Without a choice nothing changes. Codes and notices about the account go as their safety needs; nobody
can choose, since somebody with a stolen session could silence them. Decisions may move to the other channel only.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from services.notifier.models.message import EMAIL, SMS
from shared.clock import PAKISTAN

PORTAL_ONLY = "none"
"""In place of a channel: the message is kept on the portal's page and sent nowhere."""
DAY = timedelta(days=1)


class Group(StrEnum):
    """Messages that people choose together; the texts give each message its group."""

    CODES = "codes"
    ACCOUNT = "account"
    DECISIONS = "decisions"
    """What was decided, and what is asked of the citizen, perhaps by a day."""
    PROGRESS = "progress"
    FOLLOWING = "following"
    """The steps of somebody else's request."""
    WORK = "work"
    """What members of staff have to do."""


CHOICES: Mapping[str, tuple[str, ...]] = {
    Group.DECISIONS: (SMS, EMAIL),
    Group.PROGRESS: (SMS, EMAIL, PORTAL_ONLY),
    Group.FOLLOWING: (SMS, EMAIL, PORTAL_ONLY),
}
"""The channels that a citizen may choose for a group; the first is usual."""
OPTIONAL = frozenset(group for group, channels in CHOICES.items() if PORTAL_ONLY in channels)
AT_ANY_HOUR = frozenset({Group.CODES, Group.ACCOUNT, Group.DECISIONS})
"""Quiet hours do not hold these."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours without messages, in Pakistan's time; where `end` is before `start`, over midnight."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Preferences:
    """What one person has chosen. `channels` by group, `daily`: when the digest of followed requests comes."""

    channels: Mapping[str, str] = field(default_factory=dict)
    quiet: Quiet | None = None
    daily: time | None = None

    def channel(self, group: str) -> str | None:
        """The chosen channel of a group, `PORTAL_ONLY`, or None where nothing was chosen that may be chosen."""
        chosen = self.channels.get(group)
        return chosen if chosen in CHOICES.get(group, ()) else None

    def document(self) -> dict[str, Any]:
        """As it is stored; empty where nothing was chosen."""
        kept: dict[str, Any] = {"channels": dict(self.channels)} if self.channels else {}
        if self.quiet:
            kept["quiet"] = {"start": f"{self.quiet.start:%H:%M}", "end": f"{self.quiet.end:%H:%M}"}
        return kept | ({"daily": f"{self.daily:%H:%M}"} if self.daily else {})

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Preferences":
        """The choices that are stored."""
        if not kept:
            return CHOSEN_NOTHING
        quiet, daily = kept.get("quiet"), kept.get("daily")
        return cls(
            channels=kept.get("channels", {}),
            quiet=Quiet(time.fromisoformat(quiet["start"]), time.fromisoformat(quiet["end"])) if quiet else None,
            daily=time.fromisoformat(daily) if daily else None,
        )


CHOSEN_NOTHING = Preferences()


def quiet_until(preferences: Preferences, now: datetime) -> datetime | None:
    """When the quiet hours end in which `now` lies; None outside of them."""
    quiet = preferences.quiet
    if quiet is None:
        return None
    here = now.astimezone(PAKISTAN)
    since = _last(quiet.start, here)
    until = _next(quiet.end, since)
    return until.astimezone(now.tzinfo) if here < until else None


def held_until(group: str, preferences: Preferences, now: datetime) -> datetime | None:
    """Until when a message of a group has to wait; None where it may be sent now."""
    return None if group in AT_ANY_HOUR else quiet_until(preferences, now)


def digest_at(preferences: Preferences, now: datetime) -> datetime | None:
    """When the digest closes that takes in what happens now: strictly later; None for people without a digest."""
    if preferences.daily is None:
        return None
    return _next(preferences.daily, now.astimezone(PAKISTAN)).astimezone(now.tzinfo)


def _last(hour: time, now: datetime) -> datetime:
    """The last time that the clock showed the hour, now included."""
    today = datetime.combine(now.date(), hour, PAKISTAN)
    return today if today <= now else today - DAY


def _next(hour: time, now: datetime) -> datetime:
    """The next time that the clock shows the hour, after now."""
    today = datetime.combine(now.date(), hour, PAKISTAN)
    return today if today > now else today + DAY
