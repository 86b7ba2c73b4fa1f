"""What the routes for saved views, reply templates and bulk actions answer."""

from typing import Any, NotRequired

from typing_extensions import TypedDict

from services.routing.schemas import DepartmentWords
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


class ReplyTemplate(TypedDict):
    """A reply template: `text` may have fields such as {number}, and {words} for the officer's own words."""

    id: str
    name: DepartmentWords
    text: DepartmentWords
    actions: list[str]
    """The actions that it is offered for."""
    changed_at: TimeText | None
    changed_by: str


class ReplyTemplateList(TypedDict):
    """The reply templates of a department."""

    templates: list[ReplyTemplate]
    fields: list[str]
    """The fields that are filled in for each request."""


class FilledTemplate(TypedDict):
    """A reply template whose fields are filled for one request."""

    id: str
    name: DepartmentWords
    text: DepartmentWords
    actions: list[str]


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
