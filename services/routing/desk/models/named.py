"""What is saved under a name, with ids that clients choose: lists of an officer or a department, and its templates."""

from dataclasses import dataclass, field
from typing import Any

from shared.errors import ConflictError, NotFoundError
from shared.records import Record

MAX_VIEWS, MAX_TEMPLATES = 20, 50
Named = dict[str, Any]


class TooManyViewsError(ConflictError, code="too-many-views"):
    """The maximum number of saved views is reached."""


class TooManyTemplatesError(ConflictError, code="too-many-templates"):
    """The department has the maximum number of templates."""


@dataclass(kw_only=True)
class SavedViews(Record):
    """One document of `saved_views`: the views of an officer, or the shared ones of a department (`shared_id`)."""

    views: list[Named] = field(default_factory=list)
    """{"id", "name", "query"}; the query holds parameters of the list that are not left at their default."""

    def put(self, view: Named) -> None:
        """Add a view, or replace the one with its id. Raises TooManyViewsError."""
        self.views = _with_one(self.views, view, MAX_VIEWS, TooManyViewsError)

    def remove(self, view_id: str) -> None:
        """Remove a view. Raises NotFoundError."""
        self.views = _without(self.views, view_id)


@dataclass(kw_only=True)
class ReplyTemplates(Record):
    """One document of `reply_templates`; the department's code is its id."""

    templates: list[Named] = field(default_factory=list)
    """{"id", "name": {en, ur}, "text": {en, ur}, "actions", "changed_at", "changed_by"}"""

    def put(self, template: Named) -> None:
        """Add a template, or replace the one with its id. Raises TooManyTemplatesError."""
        self.templates = _with_one(self.templates, template, MAX_TEMPLATES, TooManyTemplatesError)

    def remove(self, template_id: str) -> None:
        """Remove a template. Raises NotFoundError."""
        self.templates = _without(self.templates, template_id)


def shared_id(department: str) -> str:
    """The id of the views that all officers of a department see."""
    return f"shared/{department}"


def _with_one(named: list[Named], one: Named, most: int, full: type[ConflictError]) -> list[Named]:
    """The list with this one in place of the one with its id, by (English) names. Raises `full` beyond `most`."""
    others = [other for other in named if other["id"] != one["id"]]
    if len(others) >= most:
        raise full
    return sorted([*others, one], key=lambda each: (_english(each["name"]).casefold(), each["id"]))


def _without(named: list[Named], removed: str) -> list[Named]:
    left = [one for one in named if one["id"] != removed]
    if len(left) == len(named):
        raise NotFoundError
    return left


def _english(name: str | dict[str, str]) -> str:
    return name if isinstance(name, str) else name["en"]
