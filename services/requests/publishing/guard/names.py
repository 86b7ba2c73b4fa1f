"""Names: after titles and before honorifics, around words of kinship, and where people introduce somebody."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator

from services.requests.publishing.guard.schemas import Mark, PersonalKind
from services.requests.publishing.guard.word_lists import LISTS, any_of, words

TITLES, PLAIN_TITLES, HONORIFICS = words("titles"), words("plain_titles"), words("honorifics")
STOPS, PLACES = words("stops"), words("places")
TOKEN = re.compile(r"[^\W\d_]+(?:['\-][^\W\d_]+)*\.?")
BETWEEN = re.compile(r"[ \t.]{0,3}")
AFTER = re.compile(r"\s*(?:[:=,-]\s*)?")
RELATION = re.compile(any_of(LISTS["relations"]), re.IGNORECASE)
INTRODUCTION = re.compile(rf"{any_of(LISTS['introductions'])}|{any_of(LISTS['labels'])}\s?[:=]", re.IGNORECASE)
MAX_CAPITALS, MAX_INTRODUCED, MAX_SMALL = 4, 3, 2
"""How many words a name has at most: with capitals; without, where it is introduced, and elsewhere."""
Token = tuple[int, int, str]


def find_names(text: str) -> Iterator[Mark]:
    """Marks of names; titles that are no part of a name stay."""
    tokens = [(found.start(), found.end(), found.group().rstrip(".").lower()) for found in TOKEN.finditer(text)]
    for at, (start, _, word) in enumerate(tokens):
        if word in TITLES:
            yield from _after_title(text, tokens, at, start, word)
        elif word in HONORIFICS or (word == "بی" and at and tokens[at - 1][2] == "بی"):
            yield from _before(text, tokens, at if word != "بی" else at - 1, 1 if word.isascii() else 2)
    for found in RELATION.finditer(text):
        before = bisect_right(tokens, found.start(), key=lambda token: token[1])
        yield from _before(text, tokens, before, 3)
        yield from _from(text, tokens, found.end(), loose=True)
    for found in INTRODUCTION.finditer(text):
        yield from _from(text, tokens, found.end(), loose=True)


def _after_title(text: str, tokens: list[Token], at: int, start: int, word: str) -> Iterator[Mark]:
    name = _name(text, tokens, at + 1, capital=word not in ("master", "major", "inspector", "engineer", "doctor"))
    if name is not None:
        yield Mark(start if word in PLAIN_TITLES else name[0], name[1], PersonalKind.NAME)


def _from(text: str, tokens: list[Token], end: int, *, loose: bool) -> Iterator[Mark]:
    """The name that begins right after a place in the text."""
    begins = AFTER.match(text, end)
    start = begins.end() if begins else end
    first = bisect_left(tokens, start, key=lambda token: token[0])
    if first == len(tokens) or tokens[first][0] > start + 1:
        return
    while first < len(tokens) - 1 and tokens[first][2] in TITLES - PLAIN_TITLES:
        first += 1
    if (name := _name(text, tokens, first, capital=not loose)) is not None:
        yield Mark(*name, PersonalKind.NAME)


def _name(text: str, tokens: list[Token], first: int, *, capital: bool) -> tuple[int, int] | None:
    """Start and end of the name whose first word this would be; None if it is none, or names a place."""
    last = None
    written = first < len(tokens) and text[tokens[first][0]].isupper()
    longest = MAX_CAPITALS if written else MAX_SMALL if capital else MAX_INTRODUCED
    for at in range(first, min(first + longest, len(tokens))):
        start, _, word = tokens[at]
        joined = at == first or BETWEEN.fullmatch(text, tokens[at - 1][1], start)
        if word in PLACES and last is not None and joined:
            return None
        if word in TITLES and word not in PLAIN_TITLES and at == first:
            return None  # its own title finds it
        stops = word in STOPS and not (written and word == "bibi" and at > first)
        if not joined or stops or word in PLACES or (written and not text[start].isupper()):
            break
        last = at
    if last is None:
        return None
    following = tokens[last + 1] if last + 1 < len(tokens) else None
    if following and following[2] in PLACES and BETWEEN.fullmatch(text, tokens[last][1], following[0]):
        return None
    return tokens[first][0], tokens[last][1]


def _before(text: str, tokens: list[Token], at: int, most: int) -> Iterator[Mark]:
    """The name that ends right before a token."""
    first, capitals = at, False
    while first > 0 and at - first < most:
        start, end, word = tokens[first - 1]
        until = tokens[first][0] if first < len(tokens) else len(text)
        near = first == at or BETWEEN.fullmatch(text, end, until)
        if not near or word in STOPS | PLACES | TITLES - PLAIN_TITLES or (capitals and not text[start].isupper()):
            break
        capitals = capitals or text[start].isupper()
        first -= 1
    if first < at:
        yield Mark(tokens[first][0], tokens[at - 1][1], PersonalKind.NAME)
