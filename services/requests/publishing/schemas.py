"""Answers about published requests, partners, and words to be published."""

from typing import Literal, NotRequired

from typing_extensions import TypedDict

from services.requests.request.schemas import Filed
from shared.clock import TimeText


class PublicUpdate(TypedDict):
    """A step of a published request. `words` are the portal's own; nobody's text is published here."""

    id: str
    request: str
    action: str
    state: str
    open: bool
    outcome: str | None
    at: TimeText | None
    words: str


class PublicRequest(TypedDict):
    """A published request: no names, no texts but those that an officer has published, and a rough point."""

    id: str
    service: str
    service_name: str
    state: str
    open: bool
    outcome: str | None
    department: str | None
    department_name: str | None
    district: str
    district_name: str
    latitude: float | None
    longitude: float | None
    submitted_at: TimeText | None
    changed_at: TimeText | None
    expected_at: TimeText | None
    description: str | None
    place: str | None
    updates: NotRequired[list[PublicUpdate]]


class PublicRequests(TypedDict):
    """A page of published requests, newest first, and the cursor of the next one."""

    requests: list[PublicRequest]
    next: str | None


class PublicUpdates(TypedDict):
    """Steps of published requests, oldest first. Where `more`, ask again from the time of the last one."""

    updates: list[PublicUpdate]
    more: bool


class FiledByPartner(Filed):
    """The receipt of a request that a partner filed, with what its person needs to follow it."""

    code: str
    key: str


class Taken(TypedDict):
    """What a partner's update led to; `update` is the id of that step, or the partner's own where nothing was done."""

    update: str
    request: str
    state: str
    done: str | None


class PartnerLine(TypedDict):
    """A partner. `ended_at`: since when its keys are not valid; `old_until`: how long the key before is valid too."""

    code: str
    name: str
    made_at: TimeText | None
    key_at: TimeText | None
    ended_at: TimeText | None
    old_until: TimeText | None


class PartnerLines(TypedDict):
    """All partners."""

    partners: list[PartnerLine]


class PartnerKey(PartnerLine):
    """A partner with its new key, which is shown only now."""

    key: str


class MarkedText(TypedDict):
    """A text, the same with placeholders for what seems to be personal data, and what that is."""

    text: str
    redacted: str
    found: list[Literal["cnic", "phone", "email", "number", "name", "plate", "address"]]


class Publication(TypedDict):
    """What the public sees of a request's words, and what it could see."""

    number: str
    id: str
    published: bool
    published_at: TimeText | None
    description: MarkedText
    place: MarkedText
