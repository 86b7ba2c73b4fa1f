"""The types of responses, shown in the API's description; `examples.yaml` has an example of each, by its name."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from shared.clock import TimeText
from shared.events import Channel

Failure = Literal["address", "not_reached", "fault", "too_late"]
"""Why a message failed: bad address, not delivered for hours, an error of ours, or expired."""


class Notification(TypedDict):
    """A message to a citizen; codes are never shown. A `cancelled` message may be included in another."""

    id: str
    request: str | None
    template: str
    language: str | None
    words: str
    channel: str
    state: str
    included_in: str | None
    failed: Failure | None
    read: bool
    at: TimeText


class Notifications(TypedDict):
    """A page of the citizen's notifications, newest first; `next` is the cursor of the next page."""

    notifications: list[Notification]
    next: str | None


class OwnNotifications(Notifications):
    """A page of the citizen's notifications, and the total number `unread`, up to 100."""

    unread: int


class Unread(TypedDict):
    """The number of unread messages, up to 100."""

    unread: int


class ChosenChannels(TypedDict):
    """The channel of each group of messages; `none`: on the portal only."""

    decisions: Channel
    progress: Literal["sms", "email", "none"]
    following: Literal["sms", "email", "none"]


class ChosenQuietHours(TypedDict):
    """Hours in which only codes, account notices and decisions are sent; in Pakistan's time."""

    start: str
    end: str


class Preferences(TypedDict):
    """The citizen's preferences; `digest_at` is null if each step is sent at once."""

    channels: ChosenChannels
    quiet_hours: ChosenQuietHours | None
    digest_at: str | None


class Stop(TypedDict):
    """The group of an unsubscribe link, and whether it is stopped."""

    group: str
    stopped: bool


class Reached(TypedDict):
    """Whether messages arrive over a channel: `failing` since `since`; `unproven`: its owner has not proven it.

    The address is masked, because others may see the screen.
    """

    state: Literal["ok", "failing", "unproven", "none"]
    address: str | None
    since: TimeText | None


class Reach(TypedDict):
    """Whether the citizen's messages arrive."""

    sms: Reached
    email: Reached


class WaitingAddress(TypedDict):
    """An address that waits for its code, which is valid `until` then."""

    channel: Channel
    address: str
    until: TimeText


class WorkKinds(TypedDict):
    """The frequency of each kind of work item; kinds that are not for the role are left out."""

    new_work: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    disputes: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    answers: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    due_soon: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    late: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    escalated: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    assigned: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    mentioned: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    system: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    systems: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    parts: NotRequired[Literal["at_once", "hourly", "daily", "off"]]


class WorkMessages(TypedDict):
    """Address and frequency of messages about work. `by` is the channel in use; null: nothing is sent.

    `failing` are the channels with a bad address, which the member has to replace.
    """

    email: str | None
    mobile: str | None
    failing: list[Channel]
    by: Channel | None
    waiting: WaitingAddress | None
    language: Literal["en", "ur"]
    often: WorkKinds


class PartsByLanguage(TypedDict):
    """The maximum number of SMS of a message."""

    en: int
    ur: int


class Subjects(TypedDict):
    """The subject of an email, with an example number."""

    en: str
    ur: str


class MessageText(TypedDict):
    """A message that can be sent. `changed`: an operator's text replaces ours."""

    template: str
    subject: Subjects | None
    group: str
    audience: str
    values: list[str]
    channels: list[str]
    languages: list[str]
    parts: PartsByLanguage | None
    changed: bool


class MessageTexts(TypedDict):
    """All messages, by name."""

    messages: list[MessageText]


class MessagePreview(TypedDict):
    """The text of a message, with `parts` and `alphabet` of an SMS or `subject` of an email."""

    template: str
    language: str
    channel: str
    subject: str | None
    words: str
    parts: int | None
    alphabet: Literal["GSM-7", "UCS-2"] | None
    page: str | None


class ProviderTried(TypedDict):
    """The result of a provider."""

    provider: str
    state: str


class MessageTried(TypedDict):
    """The result of a test message; `tried` contains each provider used."""

    channel: str
    state: str
    tried: list[ProviderTried]


class Contact(TypedDict):
    """The stored contact of the citizen."""

    name: NotRequired[str]
    mobile: NotRequired[str]
    email: NotRequired[str]


class ExportedNotifications(Notifications):
    """The citizen's contact and preferences, and a page of sent messages."""

    contact: Contact
    preferences: Preferences
