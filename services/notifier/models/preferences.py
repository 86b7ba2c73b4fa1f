"""Citizens' preferences: channels, quiet hours and digest.

The default is every message at once. Codes and account notices have no choice, because somebody with a stolen session
could silence them. Decisions can only move to the other channel.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Any

from services.notifier.models.message import EMAIL, SMS
from shared.clock import PAKISTAN

PORTAL_ONLY = "none"
"""Instead of a channel: the message appears on the portal only."""
DAY = timedelta(days=1)


class Group(StrEnum):
    """Groups of messages to which preferences apply; the texts declare the group of each message."""

    CODES = "codes"
    ACCOUNT = "account"
    DECISIONS = "decisions"
    """Decisions, and questions to the citizen, perhaps with a last day."""
    PROGRESS = "progress"
    FOLLOWING = "following"
    """Steps of a followed request."""
    WORK = "work"
    """Work of members of staff."""


CHOICES: Mapping[str, tuple[str, ...]] = {
    Group.DECISIONS: (SMS, EMAIL),
    Group.PROGRESS: (SMS, EMAIL, PORTAL_ONLY),
    Group.FOLLOWING: (SMS, EMAIL, PORTAL_ONLY),
}
"""The channels that a citizen may choose for a group; the first is the default."""
OPTIONAL = frozenset(group for group, channels in CHOICES.items() if PORTAL_ONLY in channels)
AT_ANY_HOUR = frozenset({Group.CODES, Group.ACCOUNT, Group.DECISIONS})
"""Quiet hours do not delay these."""


@dataclass(frozen=True, slots=True)
class Quiet:
    """Hours without messages, in Pakistan's time; over midnight if `end` is before `start`."""

    start: time
    end: time


@dataclass(frozen=True, slots=True)
class Preferences:
    """A person's choices. `channels` by group; `daily`: the time of the digest of followed requests."""

    channels: Mapping[str, str] = field(default_factory=dict)
    quiet: Quiet | None = None
    daily: time | None = None

    def channel(self, group: str) -> str | None:
        """The chosen channel of a group, `PORTAL_ONLY`, or None without a valid choice."""
        chosen = self.channels.get(group)
        return chosen if chosen in CHOICES.get(group, ()) else None

    def document(self) -> dict[str, Any]:
        """The stored form; empty without choices."""
        kept: dict[str, Any] = {"channels": dict(self.channels)} if self.channels else {}
        if self.quiet:
            kept["quiet"] = {"start": f"{self.quiet.start:%H:%M}", "end": f"{self.quiet.end:%H:%M}"}
        return kept | ({"daily": f"{self.daily:%H:%M}"} if self.daily else {})

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Preferences":
        """The preferences in a stored document."""
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
    """The end of the present quiet hours; None outside of them."""
    quiet = preferences.quiet
    if quiet is None:
        return None
    here = now.astimezone(PAKISTAN)
    since = _last(quiet.start, here)
    until = _next(quiet.end, since)
    return until.astimezone(now.tzinfo) if here < until else None


def held_until(group: str, preferences: Preferences, now: datetime) -> datetime | None:
    """Until when a message of a group has to wait; None if it may be sent now."""
    return None if group in AT_ANY_HOUR else quiet_until(preferences, now)


def digest_at(preferences: Preferences, now: datetime) -> datetime | None:
    """When the digest closes that includes events of now (strictly later); None without a digest."""
    if preferences.daily is None:
        return None
    return _next(preferences.daily, now.astimezone(PAKISTAN)).astimezone(now.tzinfo)


def _last(hour: time, now: datetime) -> datetime:
    """The last occurrence of the hour, including now."""
    today = datetime.combine(now.date(), hour, PAKISTAN)
    return today if today <= now else today - DAY


def _next(hour: time, now: datetime) -> datetime:
    """The next occurrence of the hour after now."""
    today = datetime.combine(now.date(), hour, PAKISTAN)
    return today if today > now else today + DAY
