"""One spelling for what people type. A code stands for something and is read sign by sign; a text says something.

Codes are numbers, dates, months, one-time codes, CNICs, mobiles: whatever keyboard, script or clipboard they came from,
they are read as plain ASCII. Texts stay as they were written, without what nobody can see or mean, and have to say
something.
"""

import re
import unicodedata
from typing import Any

from pydantic import BeforeValidator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

SPACES_AND_DASHES = re.compile("[ -]")
BETWEEN = str.maketrans({",": None, "٬": None, " ": None, "٫": "."})
WHOLE, FRACTION = re.compile(r"-?[0-9]{1,15}"), re.compile(r"-?[0-9]{1,9}\.[0-9]{1,6}")
MINUS, TATWEEL = "\u2212", "\u0640"
LINE_ENDS = re.compile("\r\n|[\r\v\f\x85\u2028\u2029]")
# Invisible signs that Urdu does not need. Joiners and marks of direction stay, and so do visible signs that Unicode
# counts as format, such as the Arabic sign of the year.
UNSEEN = re.compile("[\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]")
TURNS = re.compile("[\u202a-\u202e\u2066-\u2069]")
EMBEDDINGS, OVERRIDES, ISOLATES = "\u202a\u202b", "\u202d\u202e", "\u2066\u2067\u2068"
OPENING = EMBEDDINGS + OVERRIDES + ISOLATES
END_OF_EMBEDDING, END_OF_ISOLATE = "\u202c", "\u2069"
FILLERS = "\u115f\u1160\u3164\uffa0"
"""Unicode counts these as letters, and they are invisible."""


def code_of(text: str) -> str:
    """A code in ASCII: digits of any script, dashes and spaces of any kind made plain; unseen marks taken out."""
    return "".join(_plain(sign) for sign in text).strip()


def bare(text: str) -> str:
    """A code without the spaces and dashes between its parts."""
    return SPACES_AND_DASHES.sub("", code_of(text))


def _plain(sign: str) -> str:
    if "!" <= sign <= "~":
        return sign
    if sign.isspace():
        return " "
    match unicodedata.category(sign):
        case "Nd":
            return str(unicodedata.decimal(sign))
        case "Cf":
            return ""
        case "Pd":
            return "-"
    return "-" if sign in (MINUS, TATWEEL) else sign


def number_of(text: str) -> int | float | None:
    """The number that somebody wrote, with or without marks between thousands; None for what is none."""
    plain = code_of(text).translate(BETWEEN)
    if WHOLE.fullmatch(plain):
        return int(plain)
    return float(plain) if FRACTION.fullmatch(plain) else None


def text_of(text: str) -> str:
    """A text without spaces around it, without unseen marks, and with no mark of direction that is left open."""
    return _closed(UNSEEN.sub("", LINE_ENDS.sub("\n", text))).strip()


def says_something(text: str) -> bool:
    """Whether there is a letter or a digit in it, of any script; marks on letters alone say nothing."""
    return any(unicodedata.category(sign)[0] in "LN" and sign not in FILLERS for sign in text)


def _closed(text: str) -> str:
    """The text without embeddings and isolates that are left open.

    Phones copy numbers from contacts within them, and a number in Urdu is set right by them. What overrides the
    direction of letters is taken out: it only makes them look like others.
    """
    if not TURNS.search(text):
        return text
    kept: set[int] = set()
    opened: list[int] = []
    isolates = 0
    for place, sign in enumerate(text):
        if sign in OPENING:
            opened.append(place)
            isolates += sign in ISOLATES
        elif sign == END_OF_EMBEDDING and opened and text[opened[-1]] not in ISOLATES:
            begun = opened.pop()
            if text[begun] in EMBEDDINGS:
                kept |= {begun, place}
        elif sign == END_OF_ISOLATE and isolates:
            while text[opened[-1]] not in ISOLATES:
                opened.pop()
            kept |= {opened.pop(), place}
            isolates -= 1
    return "".join(sign for place, sign in enumerate(text) if place in kept or not TURNS.match(sign))


def _read_text(value: Any, info: ValidationInfo) -> Any:
    kept = info.context and info.context.get("kept")  # stored by an earlier version: it followed the rules of its time
    if kept or not isinstance(value, str):
        return value
    text = text_of(value)
    if not says_something(text):
        raise PydanticCustomError("words_needed", "there is nothing to read in it")
    return text


AS_TEXT = BeforeValidator(_read_text)
"""Beside a `str` in a model: a text, in its one spelling, that says something."""
AS_CODE = BeforeValidator(lambda value: code_of(value) if isinstance(value, str) else value)
"""Beside a type in a model: what is sent for it is read as a code."""
