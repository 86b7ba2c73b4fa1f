"""Lists that an officer, or a department's head for all of its officers, saved under a name."""

from dataclasses import dataclass, field
from typing import Any

from services.routing.desk.models.named import with_one, without
from shared.errors import ConflictError
from shared.records import Record

MAX_VIEWS = 20


class TooManyViewsError(ConflictError, code="too-many-views"):
    """The maximum number of saved views is reached."""


@dataclass(kw_only=True)
class SavedViews(Record):
    """One document of `saved_views`: the views of an officer, or the shared ones of a department (`shared_id`)."""

    views: list[dict[str, Any]] = field(default_factory=list)
    """{"id", "name", "query"}; the query holds parameters of the list that are not left at their default."""

    def put(self, view: dict[str, Any]) -> None:
        """Add a view, or replace the one with its id. Raises TooManyViewsError."""
        self.views = with_one(self.views, view, MAX_VIEWS, TooManyViewsError)

    def remove(self, view_id: str) -> None:
        """Remove a view. Raises NotFoundError."""
        self.views = without(self.views, view_id)


def shared_id(department: str) -> str:
    """The id of the views that all officers of a department see."""
    return f"shared/{department}"
