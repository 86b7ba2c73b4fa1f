"""What each answer holds: checked by mypy where it is made and told by the API's description.

`examples.yaml` has an example of each, by the name of its type.
"""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from shared.clock import TimeText


class Notification(TypedDict):
    """A message to a citizen; codes are never shown again."""

    id: str
    request: str | None
    template: str
    language: str | None
    words: str
    channel: str
    state: str
    at: TimeText


class Notifications(TypedDict):
    """A page of one's own notifications, newest first; `next` is the cursor of the one after."""

    notifications: list[Notification]
    next: str | None


class ChosenChannels(TypedDict):
    """By which channel each group of messages comes; `none` keeps it on the portal only."""

    decisions: Literal["sms", "email"]
    progress: Literal["sms", "email", "none"]
    following: Literal["sms", "email", "none"]


class ChosenQuietHours(TypedDict):
    """When nothing is sent but codes, account notices and decisions; in Pakistan's time."""

    start: str
    end: str


class Preferences(TypedDict):
    """What one wants to hear, by which channel, and when; `digest_at` is null where each step is told at once."""

    channels: ChosenChannels
    quiet_hours: ChosenQuietHours | None
    digest_at: str | None


class Stop(TypedDict):
    """What a link is about that stops messages, and whether they are stopped."""

    group: str
    stopped: bool


class Reached(TypedDict):
    """Whether messages arrive over a channel: `failing` from `since` on, `unproven`: nobody has shown to have it.

    The address is shortened, since others may see the screen.
    """

    state: Literal["ok", "failing", "unproven", "none"]
    address: str | None
    since: TimeText | None


class Reach(TypedDict):
    """Whether one's messages arrive."""

    sms: Reached
    email: Reached


class Contact(TypedDict):
    """How one is reached, as far as it is kept here."""

    name: NotRequired[str]
    mobile: NotRequired[str]
    email: NotRequired[str]


class ExportedNotifications(Notifications):
    """How one is reached, what one has chosen, and a page of what was sent to one."""

    contact: Contact
    preferences: Preferences
