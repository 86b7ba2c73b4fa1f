"""Answers about requests: for citizens, departments and tracking."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from shared.clock import TimeText

_Edge = TypedDict("_Edge", {"from": str | None, "to": str})  # `from` cannot be the name of a class attribute


class Expected(TypedDict):
    """The due date, and when half and nine of ten earlier requests were resolved."""

    by: TimeText | None
    half_by: NotRequired[TimeText | None]
    most_by: NotRequired[TimeText | None]
    based_on: NotRequired[int]
    """The number of earlier requests."""
    of: NotRequired[str]
    """Which requests: those of the service at this department, or anywhere."""


class Check(TypedDict):
    """The result of a verification rule, and what to do if it failed."""

    code: str
    passed: bool
    words: str


class TrackedStep(TypedDict):
    """A public step."""

    n: int
    action: str
    state: str
    at: TimeText | None


class HistoryEntry(_Edge):
    """A step of the history, for citizen and department."""

    n: int
    action: str
    who: str
    by: str | None
    by_name: NotRequired[str | None]
    """Name of the member of staff or department; shown to staff only."""
    at: TimeText | None
    words: NotRequired[str]
    because: NotRequired[str | None]
    official: NotRequired[str | None]
    """The office to which it was escalated."""
    until: NotRequired[TimeText | None]
    """The new date."""
    reason: NotRequired[str]
    outcome: NotRequired[str]
    department: NotRequired[str]
    rating: NotRequired[int]
    overridden: NotRequired[list[str]]
    copied: NotRequired[bool]
    level: NotRequired[str]
    """Set if the head resolved it after a dispute, or an authority on appeal."""
    appeal: NotRequired[str]
    appeal_of: NotRequired[str]
    into: NotRequired[str]
    """The primary that it was merged into or separated from."""
    checks: NotRequired[list[Check]]


class RequestFile(TypedDict):
    """A file of a request, and the address for downloading it."""

    id: str
    kind: str | None
    type: str | None
    bytes: int | None
    width: int | None
    height: int | None
    sha256: str | None
    document: str | None
    """The code of the charter's document that it is."""
    at: TimeText | None
    url: str


class RequestFiles(TypedDict):
    """The files of a request, in the order they were added."""

    attachments: list[RequestFile]


class ShownPlace(TypedDict):
    """The location of a request."""

    district: str
    district_by: str
    """The source of the district: `citizen`, `point` or `address`."""
    address: str | None
    latitude: NotRequired[float]
    longitude: NotRequired[float]


class RequestStatus(TypedDict):
    """Status and dates of a request."""

    number: str
    service: str
    kind: str
    state: str
    stage: str
    department: str | None
    submitted_at: TimeText | None
    changed_at: TimeText | None
    due_at: TimeText | None
    due_paused: bool
    delayed_until: TimeText | None
    """The new date that the department gave; the due date stays."""
    escalation_level: int
    """0 where it is not escalated."""
    expected: Expected | None
    outcome: str | None


class RequestLine(RequestStatus):
    """A request in a list."""

    district: str
    answer_by: TimeText | None
    """The time by which the citizen has to act."""
    appeal: str | None
    appeal_of: str | None


class RequestLines(TypedDict):
    """A page of requests; `next` is the cursor of the following page."""

    requests: list[RequestLine]
    next: str | None


class HeldUp(RequestLine):
    """A request held up by verification, with the results of the rules."""

    checks: list[Check]


class HeldUps(TypedDict):
    """A page of held-up requests; `next` is the cursor of the following page."""

    requests: list[HeldUp]
    next: str | None


class Tracked(RequestStatus):
    """Status and dates for tracking, without personal data and texts."""

    escalated_to: str | None
    """The office of the official to whom it was escalated."""
    merged_into: str | None
    """The number of its primary, while it is merged."""
    history: list[TrackedStep]


class Inside(RequestLine):
    """The fields that both citizen and department see."""

    department_name: str | None
    escalated_to: str | None
    """The office of the official to whom it was escalated."""
    respond_by: TimeText | None
    place: ShownPlace
    service_version: int
    form: str
    attachments: list[RequestFile]
    answers: dict[str, Any]
    confidential: bool


class ShownToPublic(TypedDict):
    """What the public sees of a request besides its status: the id, and words that an officer has published."""

    id: str
    description: str | None
    place: str | None


class OwnRequest(Inside):
    """A request in full, for its citizen."""

    track_code: str | None
    filed_by_clerk: bool
    channel: str
    history: list[HistoryEntry]
    actions: list[str]
    """What the citizen can do now."""
    may_attach: bool
    """Whether the citizen can add and remove files now."""
    merged_into: str | None
    """The number of its primary, while it is merged."""
    checks: list[Check]
    public: ShownToPublic | None
    """What everybody can see of it, if it is published."""


class OwnAppeal(OwnRequest):
    """An appeal with the request that it is about, for its citizen."""

    original: OwnRequest


class RequestCitizen(TypedDict):
    """The citizen's name and mobile, as far as known."""

    name: str | None
    mobile: str | None


class FiledRequest(Inside):
    """A filed request with its history, for its department."""

    citizen: RequestCitizen | None
    anonymous: bool
    filed_by_clerk: bool
    channel: str
    history: list[HistoryEntry]
    followers: int


class RequestDetails(FiledRequest):
    """A request in full, for its department."""

    actions: list[str]
    """What the reader can do here: override, merge, unmerge, publish, attach. Routing lists the other actions."""
    checks: list[Check]
    merged_into: str | None
    merged: list[FiledRequest]
    """Requests merged into it, oldest first; they are handled together."""


class DepartmentLine(TypedDict):
    """A request in its department's list."""

    number: str
    service: str
    kind: str
    state: str
    district: str
    department: str | None
    submitted_at: TimeText | None
    place: str | None
    words: str | None
    """The start of the description; null, like the place, for confidential requests."""
    language: str | None
    """Language of the words, by their script."""
    confidential: bool
    files: int
    followers: int
    merged_into: str | None
    answer_by: TimeText | None


class DepartmentLines(TypedDict):
    """Requests of a department's list; `complete` is false if there may be more."""

    requests: list[DepartmentLine]
    complete: bool


class AppealDetails(RequestDetails):
    """An appeal with the request that it is about, for the authority."""

    original: RequestDetails


class RequestUpdate(TypedDict):
    """A step on the live stream; its id is the cursor from which to continue."""

    id: str
    request: str
    action: str
    state: str
    at: TimeText | None


class RequestUpdates(TypedDict):
    """Steps after a cursor, oldest first."""

    updates: list[RequestUpdate]
    next: str


class Filed(TypedDict):
    """The answer to filing. A retry gets the same answer."""

    number: str
    service: str
    kind: str
    state: str
    submitted_at: TimeText | None
    checks: list[Check]
    track: str
    receipt: str
    """The signed receipt, a compact JWS (RFC 7515)."""
    track_code: NotRequired[str | None]
    """Of a confidential request: for tracking, in place of the mobile's last four digits."""
