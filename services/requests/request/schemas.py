"""A request as its citizen, its department and the public see it."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from shared.clock import TimeText

_Edge = TypedDict("_Edge", {"from": str | None, "to": str})  # `from` is no name that a class may give


class Expected(TypedDict):
    """By when it has to be done, and by when half and nine of ten of those before it were."""

    by: TimeText | None
    half_by: NotRequired[TimeText | None]
    most_by: NotRequired[TimeText | None]
    based_on: NotRequired[int]
    """How many earlier requests."""
    of: NotRequired[str]
    """Which: those of the service at the department, or of the department."""


class Check(TypedDict):
    """A rule of verification, its result, and how to mend what failed."""

    code: str
    passed: bool
    words: str


class TrackedStep(TypedDict):
    """A step as everybody may see it."""

    n: int
    action: str
    state: str
    at: TimeText | None


class HistoryEntry(_Edge):
    """A step of the history, as citizen and department see it."""

    n: int
    action: str
    who: str
    by: str | None
    by_name: NotRequired[str | None]
    """Of staff and of a department's software, told to those who work here only."""
    at: TimeText | None
    words: NotRequired[str]
    because: NotRequired[str | None]
    reason: NotRequired[str]
    outcome: NotRequired[str]
    department: NotRequired[str]
    rating: NotRequired[int]
    overridden: NotRequired[list[str]]
    copied: NotRequired[bool]
    level: NotRequired[str]
    """Who resolved it: the department, or its head after a dispute."""
    appeal: NotRequired[str]
    appeal_of: NotRequired[str]
    into: NotRequired[str]
    """The request that it was merged into, or taken out of."""
    checks: NotRequired[list[Check]]


class RequestFile(TypedDict):
    """A file of a request, and where a person who is signed in can have it."""

    id: str
    kind: str | None
    type: str | None
    bytes: int | None
    width: int | None
    height: int | None
    sha256: str | None
    document: str | None
    """The document of the service's charter that it is, by its code."""
    at: TimeText | None
    url: str


class RequestFiles(TypedDict):
    """The files of a request, in the order in which they came."""

    attachments: list[RequestFile]


class ShownPlace(TypedDict):
    """Where it is about."""

    district: str
    district_by: str
    """How the district is known: named, or found by the point."""
    address: str | None
    latitude: NotRequired[float]
    longitude: NotRequired[float]


class RequestLine(TypedDict):
    """A request as a line of a list."""

    number: str
    service: str
    kind: str
    state: str
    stage: str
    district: str
    department: str | None
    submitted_at: TimeText | None
    changed_at: TimeText | None
    due_at: TimeText | None
    due_paused: bool
    expected: Expected | None
    outcome: str | None
    answer_by: TimeText | None
    """Until when it waits for its citizen."""
    appeal: str | None
    appeal_of: str | None


class RequestLines(TypedDict):
    """A page of requests; `next` is the cursor of the one after."""

    requests: list[RequestLine]
    next: str | None


class HeldUp(RequestLine):
    """A request that verification holds up, and why."""

    checks: list[Check]


class HeldUps(TypedDict):
    """A page of them."""

    requests: list[HeldUp]
    next: str | None


class Tracked(TypedDict):
    """Status and dates for anybody with the number and the digits: nothing personal, nobody's words."""

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
    expected: Expected | None
    outcome: str | None
    merged_into: str | None
    """The number under which it goes on, while it is merged."""
    history: list[TrackedStep]


class Inside(RequestLine):
    """What citizen and department both see."""

    department_name: str | None
    respond_by: TimeText | None
    place: ShownPlace
    service_version: int
    form: str
    attachments: list[RequestFile]
    answers: dict[str, Any]
    confidential: bool


class OwnRequest(Inside):
    """All of a request, for its citizen."""

    track_code: str | None
    filed_by_clerk: bool
    channel: str
    history: list[HistoryEntry]
    actions: list[str]
    """What the citizen may do now."""
    may_attach: bool
    """Whether the citizen may add and remove files now."""
    merged_into: str | None
    """The number under which it goes on, where it was merged."""
    checks: list[Check]


class OwnAppeal(OwnRequest):
    """An appeal with the request that it is about, for its citizen."""

    original: OwnRequest


class RequestCitizen(TypedDict):
    """The citizen's name and mobile, as far as known here."""

    name: str | None
    mobile: str | None


class FiledRequest(Inside):
    """What was filed and what became of it, for those who work on it."""

    citizen: RequestCitizen | None
    anonymous: bool
    filed_by_clerk: bool
    channel: str
    history: list[HistoryEntry]
    followers: int


class RequestDetails(FiledRequest):
    """A request as its department works on it."""

    actions: list[str]
    """What the reader may do with it here: override, merge, unmerge, attach; routing offers the rest."""
    checks: list[Check]
    merged_into: str | None
    merged: list[FiledRequest]
    """What was merged into it, the oldest first: to be read, and worked on, with it."""


class DepartmentLine(TypedDict):
    """A request as a line of its department's list."""

    number: str
    service: str
    kind: str
    state: str
    district: str
    department: str | None
    submitted_at: TimeText | None
    place: str | None
    words: str | None
    """How its description begins; like the place not told of what was filed confidentially."""
    language: str | None
    """Of the words, by their script."""
    confidential: bool
    files: int
    followers: int
    merged_into: str | None
    answer_by: TimeText | None


class DepartmentLines(TypedDict):
    """Lines of a department's list; `complete` says that nothing more was found, or looked for."""

    requests: list[DepartmentLine]
    complete: bool


class AppealDetails(RequestDetails):
    """An appeal with the request that it is about, for the authority that hears it."""

    original: RequestDetails


class RequestUpdate(TypedDict):
    """One step as it goes out on the live stream; its id is the cursor from which to go on."""

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
    """The answer to filing: made of what never changes, so that a retry gets the same."""

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
    """Of a confidential request: what tracking asks for in place of the mobile's last four digits."""
