"""Followers of requests, and their digest: the steps of a day in one message.

Each step is recorded as usual, but cancelled at once and included in the digest that closes next (`included_in`).
A digest's id is made of citizen and time, so there is only one; its steps are read when it is sent.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from services.notifier.models.message import SMS, MessageSpec, Named
from services.notifier.models.notification import Notification, notification_id
from services.notifier.models.preferences import Group, Preferences, digest_at
from shared.clock import PAKISTAN

SETTLING = timedelta(minutes=1)
"""A digest is written this long after closing, so that it includes what other processes are still recording."""
DIGEST, STEP = "followed.digest", "followed.step"


@dataclass(frozen=True, slots=True)
class Follower:
    """A citizen who follows another citizen's request since `since`."""

    number: str
    citizen_id: str
    since: datetime


def put_in_digest(step: Notification, message: MessageSpec, preferences: Preferences, now: datetime) -> None:
    """Put a step into its follower's next digest instead of sending it."""
    closes, words = digest_at(preferences, now), message.values["step"]
    assert closes is not None
    assert isinstance(words, Named)
    step.include_in(_id(step.citizen_id, closes))
    step.step = words.name


def digest_of(citizen_id: str, preferences: Preferences, now: datetime) -> Notification:
    """The next digest of a follower, without its text."""
    closes = digest_at(preferences, now)
    assert closes is not None
    return Notification(
        id=_id(citizen_id, closes),
        citizen_id=citizen_id,
        subject=citizen_id,
        template=DIGEST,
        channel=SMS,
        group=Group.FOLLOWING.value,
        created_at=closes,
        due_at=closes + SETTLING,
    )


def newest(steps: Iterable[Notification]) -> list[tuple[str, str]]:
    """The newest step of each request, newest first: number and name of the step."""
    last = {one.subject: one for one in sorted(steps, key=_order) if one.step is not None}
    return [(one.subject, one.step or "") for one in sorted(last.values(), key=_order, reverse=True)]


def _order(step: Notification) -> tuple[datetime, str]:
    return step.created_at, step.id


def _id(citizen_id: str, closes: datetime) -> str:
    return notification_id(f"digest/{citizen_id}/{closes.astimezone(PAKISTAN):%Y-%m-%d-%H%M}", SMS)
