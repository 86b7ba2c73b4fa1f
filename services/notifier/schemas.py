"""What each answer holds: checked by mypy where it is made and told by the API's description.

`examples.yaml` has an example of each, by the name of its type.
"""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from shared.clock import TimeText

Failure = Literal["address", "not_reached", "fault", "too_late"]
"""Why a message did not arrive: the address takes none, nobody took it for hours, our own fault, its time was over."""


class Notification(TypedDict):
    """A message to a citizen; codes are never shown again. One that was `cancelled` may be said in another."""

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
    """A page of one's own notifications, newest first; `next` is the cursor of the one after."""

    notifications: list[Notification]
    next: str | None


class OwnNotifications(Notifications):
    """A page of one's own notifications, and how many in all are `unread`, up to 100."""

    unread: int


class Unread(TypedDict):
    """How many messages one has not read, up to 100."""

    unread: int


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


class WaitingAddress(TypedDict):
    """An address to which a code was sent that has not come back yet; it is good `until` then."""

    channel: Literal["email", "sms"]
    address: str
    until: TimeText


class WorkKinds(TypedDict):
    """How often one hears of each kind of work item; kinds that are not for one's role are left out."""

    new_work: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    disputes: NotRequired[Literal["at_once", "hourly", "daily", "off"]]
    answers: NotRequired[Literal["at_once", "hourly", "daily", "off"]]


class WorkMessages(TypedDict):
    """Where and how often a member of staff hears of work. `by` is the channel that is used; null: nothing is sent.

    `failing` are the channels whose address takes no messages: another one is to be given.
    """

    email: str | None
    mobile: str | None
    failing: list[Literal["email", "sms"]]
    by: Literal["email", "sms"] | None
    waiting: WaitingAddress | None
    language: Literal["en", "ur"]
    often: WorkKinds


class PartsByLanguage(TypedDict):
    """How many SMS a message takes at most."""

    en: int
    ur: int


class Subjects(TypedDict):
    """The subject of an email, with a number that stands for any."""

    en: str
    ur: str


class MessageText(TypedDict):
    """A message that may be sent. `changed`: an operator's text stands in place of ours."""

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
    """What a message says; `parts` and `alphabet` of an SMS, `subject` of an email."""

    template: str
    language: str
    channel: str
    subject: str | None
    words: str
    parts: int | None
    alphabet: Literal["GSM-7", "UCS-2"] | None
    page: str | None


class ProviderTried(TypedDict):
    """What a provider said."""

    provider: str
    state: str


class MessageTried(TypedDict):
    """What became of a message that was sent to try it; `tried` has each provider that was asked."""

    channel: str
    state: str
    tried: list[ProviderTried]


class Contact(TypedDict):
    """How one is reached, as far as it is kept here."""

    name: NotRequired[str]
    mobile: NotRequired[str]
    email: NotRequired[str]


class ExportedNotifications(Notifications):
    """How one is reached, what one has chosen, and a page of what was sent to one."""

    contact: Contact
    preferences: Preferences
