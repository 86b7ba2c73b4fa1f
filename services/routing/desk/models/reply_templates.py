"""Texts that a department often sends, in both languages, with fields that are filled for each request."""

import re
from collections.abc import Mapping
from typing import Literal

from services.routing.models.reply import GAP

FIELDS = ("number", "service", "department", "due", "officer")
"""What is filled in. Besides these a text may contain `GAP`, where officers write their own words."""
FIELD = re.compile(r"\{([^{}\n]{0,40})\}")
TemplateAction = Literal["ask", "progress", "resolve", "delay"]


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
