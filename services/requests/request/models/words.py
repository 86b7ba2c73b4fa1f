"""Words as they are searched: one spelling for what people write in many, in Latin and in Urdu script."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

SHORTEST, LONGEST = 2, 32
WORD = re.compile(r"[^\W_]+")
# Letters that Urdu shares with Arabic under another code point, by keyboard; ھ is often typed where ہ is meant.
LETTERS = {"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ", "ۃ": "ہ", "ھ": "ہ", "ە": "ہ"}
DIGITS = {chr(zero + n): str(n) for zero in (0x0660, 0x06F0) for n in range(10)}
# Diacritics, what joins or does not join letters, the stretching tatweel, marks of direction.
UNWRITTEN = re.compile(
    "[\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u061c\ufeff\u00ad]"
)
LATIN, ARABIC = re.compile("[A-Za-z]"), re.compile("[\u0620-\u064a\u066e-\u06d3\ufb50-\ufdff\ufe70-\ufefc]")
FOLDED = str.maketrans(LETTERS | DIGITS)


def words_of(text: str) -> list[str]:
    """The different words of a text in one spelling each, in their order; letters and digits by themselves left out."""
    if text.isascii():
        folded = text.lower()
    else:
        # Folding the case can compose letters anew, so it stands between two decompositions.
        decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
        folded = UNWRITTEN.sub("", decomposed).translate(FOLDED)
    found = dict.fromkeys(WORD.findall(folded))
    return [word[:LONGEST] for word in found if len(word) >= SHORTEST]


def language_of_words(text: str) -> str | None:
    """In which of our two languages a text is written, by its script; None where there are no letters."""
    latin, arabic = len(LATIN.findall(text)), len(ARABIC.findall(text))
    if not latin + arabic:
        return None
    return "ur" if arabic >= latin else "en"


def texts_of(value: Any) -> Iterator[str]:
    """Every text in answers, whatever it stands in."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts_of(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts_of(item)


def words_of_all(texts: Iterable[str]) -> list[str]:
    """The different words of many texts."""
    return list(dict.fromkeys(word for text in texts for word in words_of(text)))
