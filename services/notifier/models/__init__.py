"""Contacts, messages, and the rules of their delivery."""

from services.notifier.models.contact import Contact, Reach
from services.notifier.models.follower import Follower
from services.notifier.models.notification import (
    LONGEST_PAUSE,
    MOST_ATTEMPTS,
    MOST_UNSURE,
    WAITING,
    Notification,
    State,
    notification_id,
    pause_after,
    pause_unknown,
)
from services.notifier.models.preferences import CHOICES, HERE, OPTIONAL, Group, Preferences, Quiet, group_of
from services.notifier.models.wanted import EMAIL, NOWHERE, SMS, Day, Hour, Named, Sealed, Value, Values, Wanted

__all__ = [
    "CHOICES",
    "EMAIL",
    "HERE",
    "LONGEST_PAUSE",
    "MOST_ATTEMPTS",
    "MOST_UNSURE",
    "NOWHERE",
    "OPTIONAL",
    "SMS",
    "WAITING",
    "Contact",
    "Day",
    "Follower",
    "Group",
    "Hour",
    "Named",
    "Notification",
    "Preferences",
    "Quiet",
    "Reach",
    "Sealed",
    "State",
    "Value",
    "Values",
    "Wanted",
    "group_of",
    "notification_id",
    "pause_after",
    "pause_unknown",
]
