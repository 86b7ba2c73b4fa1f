"""What the routes for the work inside a department answer."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from services.routing.schemas import DepartmentWords, Worker
from shared.clock import TimeText


class SavedView(TypedDict):
    """A list saved under a name; `query` has the parameters of `GET /api/v1/assignments`."""

    id: str
    name: str
    query: dict[str, Any]


class SavedViewList(TypedDict):
    """The saved views of the caller, and those that the head shares with the department."""

    own: list[SavedView]
    shared: list[SavedView]


class FilledTemplate(TypedDict):
    """A reply template whose fields are filled for one request."""

    id: str
    name: DepartmentWords
    text: DepartmentWords
    actions: list[str]
    """The actions that it is offered for."""


class ReplyTemplate(FilledTemplate):
    """A reply template: `text` may have fields such as {number}, and {words} for the officer's own words."""

    changed_at: TimeText | None
    changed_by: str


class ReplyTemplateList(TypedDict):
    """The reply templates of a department."""

    templates: list[ReplyTemplate]
    fields: list[str]
    """The fields that are filled in for each request."""


class FilledTemplates(TypedDict):
    """The reply templates of a department for one request."""

    templates: list[FilledTemplate]


class BulkResult(TypedDict):
    """What became of one request: `status` is what its own call would have answered, with the problem if it failed."""

    number: str
    done: bool
    status: int
    etag: NotRequired[str]
    type: NotRequired[str]
    title: NotRequired[str]
    detail: NotRequired[str]


class BulkResults(TypedDict):
    """The result of each request, in the order in which they were sent."""

    results: list[BulkResult]
    done: int
    failed: int


class InternalNote(TypedDict):
    """A note for colleagues, and those who were told of it."""

    id: str
    by: str
    by_name: str | None
    at: TimeText | None
    text: str
    mentions: list[Worker]


class InternalNotes(TypedDict):
    """The internal notes of a department on a request, newest first."""

    notes: list[InternalNote]


class TeamMember(TypedDict):
    """A colleague, with what is open with them; `away_from` and `away_until` of an absence that is not over."""

    id: str
    name: str | None
    role: str
    open: int
    late: int
    away: bool
    """Today."""
    away_from: str | None
    away_until: str | None
    deputy: Worker | None


class TeamMembers(TypedDict):
    """The officers of a department; `auto_assign`: new requests are assigned automatically."""

    members: list[TeamMember]
    auto_assign: bool


class HandedOver(TypedDict):
    """How many open requests were assigned to the deputy."""

    moved: int


class Part(TypedDict):
    """A part of the work: `asking` asks, `department` does it. `words` are its answer."""

    id: str
    number: str
    service: str
    service_name: str
    district: str
    asking: str
    asking_name: str
    department: str
    department_name: str
    task: str | None
    words: str | None
    state: str
    asked_at: TimeText | None
    due_at: TimeText | None
    changed_at: TimeText | None
    details: str


class PartList(TypedDict):
    """Parts of the work."""

    parts: list[Part]
