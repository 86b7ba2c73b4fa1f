"""What is saved under a name, with ids that clients choose: lists of an officer or a department, and its templates."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.routing.models.reply import GAP
from shared.errors import ConflictError, NotFoundError
from shared.records import Record

MAX_VIEWS, MAX_TEMPLATES = 20, 50
Named = dict[str, Any]
FIELDS = ("number", "service", "department", "due", "officer")
"""What is filled in. Besides these a text may contain `GAP`, where officers write their own words."""
FIELD = re.compile(r"\{([^{}\n]{0,40})\}")
TemplateAction = Literal["ask", "progress", "resolve", "delay"]


@dataclass(kw_only=True)
class SavedViews(Record):
    """One document of `saved_views`: the views of an officer, or the shared ones of a department (`shared_id`)."""

    views: list[Named] = field(default_factory=list)
    """{"id", "name", "query"}; the query holds parameters of the list that are not left at their default."""

    def put(self, view: Named) -> None:
        """Add a view, or replace the one with its id. Raises ConflictError."""
        self.views = _with_one(self.views, view, MAX_VIEWS, "too-many-views")

    def remove(self, view_id: str) -> None:
        """Remove a view. Raises NotFoundError."""
        self.views = _without(self.views, view_id)


@dataclass(kw_only=True)
class ReplyTemplates(Record):
    """One document of `reply_templates`; the department's code is its id."""

    templates: list[Named] = field(default_factory=list)
    """{"id", "name": {en, ur}, "text": {en, ur}, "actions", "changed_at", "changed_by"}"""

    def put(self, template: Named) -> None:
        """Add a template, or replace the one with its id. Raises ConflictError."""
        self.templates = _with_one(self.templates, template, MAX_TEMPLATES, "too-many-templates")

    def remove(self, template_id: str) -> None:
        """Remove a template. Raises NotFoundError."""
        self.templates = _without(self.templates, template_id)


def shared_id(department: str) -> str:
    """The id of the views that all officers of a department see."""
    return f"shared/{department}"


def _with_one(named: list[Named], one: Named, most: int, full: str) -> list[Named]:
    """The list with this one, for the one with its id, by (English) names. Raises ConflictError beyond `most`."""
    others = [other for other in named if other["id"] != one["id"]]
    if len(others) >= most:
        raise ConflictError(full)
    return sorted([*others, one], key=lambda each: (_english(each["name"]).casefold(), each["id"]))


def _without(named: list[Named], removed: str) -> list[Named]:
    left = [one for one in named if one["id"] != removed]
    if len(left) == len(named):
        raise NotFoundError
    return left


def _english(name: str | dict[str, str]) -> str:
    return name if isinstance(name, str) else name["en"]


def unknown_fields(text: str) -> list[str]:
    """The names in curly brackets that are no field."""
    return [name for name in FIELD.findall(text) if name not in FIELDS and f"{{{name}}}" != GAP]


def fill(text: str, values: Mapping[str, str]) -> str:
    """The text with the values of its fields; anything else in curly brackets stays."""
    return FIELD.sub(lambda match: values.get(match[1], match[0]), text)


def is_filled(text: str, words: str) -> bool:
    """Whether `words` are the text with anything in place of its fields."""
    first, *others = FIELD.split(text)[::2]
    if not others:
        return words == first
    place, end = len(first), len(words) - len(others[-1])
    if not words.startswith(first) or not words.endswith(others[-1]) or place > end:
        return False
    for part in others[:-1]:
        found = words.find(part, place, end)
        if found < 0:
            return False
        place = found + len(part)
    return True
