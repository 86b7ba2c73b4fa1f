"""When a message may be sent: pure rules, in Pakistan's time."""

from datetime import datetime, time, timedelta

from services.notifier.models.preferences import AT_ANY_HOUR, DAY, Preferences
from shared.clock import PAKISTAN

SETTLING = timedelta(minutes=1)
"""A digest is closed this long before it is written, so that what another process still records is in it."""


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
