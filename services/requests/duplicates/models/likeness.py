"""How alike two complaints are: what was written, and how far apart they are. Pure functions."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from rapidfuzz.fuzz import token_set_ratio, token_sort_ratio

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.request.models.words import words_of

EARTH_METRES = 6_371_000.0
MAX_TEXT = 2000
FEW_WORDS = 4
"""Fewer different words are compared as a whole: that a long text holds them does not make it alike."""


def free_text(entry: CatalogueEntry, answers: Mapping[str, Any]) -> str:
    """What somebody wrote in their own words: every text that is not a choice."""
    properties: dict[str, Any] = entry.form.get("properties", {})
    written = [
        value for name, value in answers.items() if isinstance(value, str) and "enum" not in properties.get(name, {})
    ]
    return " ".join(written)[:MAX_TEXT]


def alike_to(one: str) -> Callable[[str], float]:
    """How alike others are to a text: from 0 (nothing in common) to 1 (the same words, in whatever order).

    Who tries out a name learns nothing by it of the complaints that hold it.
    """
    words = words_of(one)

    def alike(other: str) -> float:
        theirs = words_of(other)
        ratio = token_sort_ratio if min(len(words), len(theirs)) < FEW_WORDS else token_set_ratio
        return ratio(" ".join(words), " ".join(theirs)) / 100

    return alike


def metres_between(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The distance of two points {"latitude", "longitude"} over the ground (haversine formula)."""
    a, b = math.radians(one["latitude"]), math.radians(other["latitude"])
    across = math.radians(other["longitude"] - one["longitude"])
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(h)))
