"""Contacts, messages, and the rules of their delivery."""

from services.notifier.models.contact import Contact, Reach
from services.notifier.models.delivery import MAX_UNSURE, attempted, move, recorded, settle
from services.notifier.models.follower import Follower
from services.notifier.models.notification import WAITING, Notification, State, notification_id, pause_unknown
from services.notifier.models.preferences import CHOICES, HERE, OPTIONAL, Group, Preferences, Quiet
from services.notifier.models.wanted import (
    EMAIL,
    NOWHERE,
    SMS,
    Day,
    Hour,
    Later,
    Named,
    Open,
    Sealed,
    Value,
    Values,
    Wanted,
)

__all__ = [
    "CHOICES",
    "EMAIL",
    "HERE",
    "MAX_UNSURE",
    "NOWHERE",
    "OPTIONAL",
    "SMS",
    "WAITING",
    "Contact",
    "Day",
    "Follower",
    "Group",
    "Hour",
    "Later",
    "Named",
    "Notification",
    "Open",
    "Preferences",
    "Quiet",
    "Reach",
    "Sealed",
    "State",
    "Value",
    "Values",
    "Wanted",
    "attempted",
    "move",
    "notification_id",
    "pause_unknown",
    "recorded",
    "settle",
]
