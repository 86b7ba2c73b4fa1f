"""How alike two complaints are: what was written, and how far apart they are. Pure functions."""

import math
import unicodedata
from collections.abc import Mapping
from typing import Any

from rapidfuzz.fuzz import token_set_ratio

from services.requests.models.catalogue import CatalogueEntry

EARTH_METRES = 6_371_000.0
MOST_TEXT = 2000
# One letter for those that keyboards give in an Arabic and an Urdu form.
LETTERS = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "أ": "ا", "إ": "ا"})


def free_text(entry: CatalogueEntry, answers: Mapping[str, Any]) -> str:
    """What somebody wrote in their own words: every text that is not a choice."""
    properties: dict[str, Any] = entry.form.get("properties", {})
    written = [
        value for name, value in answers.items() if isinstance(value, str) and "enum" not in properties.get(name, {})
    ]
    return " ".join(written)[:MOST_TEXT]


def alike(one: str, other: str) -> float:
    """From 0 (nothing in common) to 1 (the same words, in whatever order)."""
    return token_set_ratio(plain(one), plain(other)) / 100


def plain(text: str) -> str:
    """The text without case, marks and punctuation, in one spelling of each letter."""
    folded = unicodedata.normalize("NFKD", text).casefold().translate(LETTERS)
    kept = (c if unicodedata.category(c)[0] in "LN" else " " for c in folded if unicodedata.category(c) != "Mn")
    return " ".join("".join(kept).split())


def metres_between(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """The distance of two points {"latitude", "longitude"} over the ground (haversine formula)."""
    a, b = math.radians(one["latitude"]), math.radians(other["latitude"])
    across = math.radians(other["longitude"] - one["longitude"])
    h = math.sin((b - a) / 2) ** 2 + math.cos(a) * math.cos(b) * math.sin(across / 2) ** 2
    return 2 * EARTH_METRES * math.asin(min(1.0, math.sqrt(h)))
