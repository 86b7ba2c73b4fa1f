"""What each answer holds: checked by mypy where it is made and told by the API's description.

`examples.yaml` has an example of each, by the name of its type.
"""

from typing import NotRequired

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


class Contact(TypedDict):
    """How one is reached, as far as it is kept here."""

    name: NotRequired[str]
    mobile: NotRequired[str]
    email: NotRequired[str]


class ExportedNotifications(Notifications):
    """How one is reached, and a page of what was sent to one."""

    contact: Contact
