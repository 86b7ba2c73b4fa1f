"""Texts that a department often sends, in both languages, with fields that are filled for each request."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from services.routing.desk.models.named import with_one, without
from services.routing.models.reply import GAP
from shared.errors import ConflictError
from shared.records import Record

MAX_TEMPLATES = 50
FIELDS = ("number", "service", "department", "due", "officer")
"""What is filled in. Besides these a text may contain `GAP`, where officers write their own words."""
FIELD = re.compile(r"\{([^{}\n]{0,40})\}")
TemplateAction = Literal["ask", "progress", "resolve", "delay"]


class TooManyTemplatesError(ConflictError, code="too-many-templates"):
    """The department has the maximum number of templates."""


@dataclass(kw_only=True)
class ReplyTemplates(Record):
    """One document of `reply_templates`; the department's code is its id."""

    templates: list[dict[str, Any]] = field(default_factory=list)
    """{"id", "name": {en, ur}, "text": {en, ur}, "actions", "changed_at", "changed_by"}"""

    def put(self, template: dict[str, Any]) -> None:
        """Add a template, or replace the one with its id. Raises TooManyTemplatesError."""
        self.templates = with_one(self.templates, template, MAX_TEMPLATES, TooManyTemplatesError)

    def remove(self, template_id: str) -> None:
        """Remove a template. Raises NotFoundError."""
        self.templates = without(self.templates, template_id)


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
