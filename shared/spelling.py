"""Normalisation of what people type: codes and texts.

Codes (numbers, dates, months, one-time codes, CNICs, mobiles) are converted to ASCII, whatever keyboard, script or
clipboard they come from. Texts stay as they were typed, without invisible characters, and need a letter or digit.
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
# Invisible characters that Urdu does not need. Joiners and direction marks stay, and so do visible characters that
# Unicode counts as format, such as the Arabic year character.
INVISIBLE = re.compile(
    "[\u00ad\u180e\u200b\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffb\U000e0001\U000e0020-\U000e007f]"
)
DIRECTION_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
EMBEDDINGS, OVERRIDES, ISOLATES = "\u202a\u202b", "\u202d\u202e", "\u2066\u2067\u2068"
OPENING = EMBEDDINGS + OVERRIDES + ISOLATES
END_OF_EMBEDDING, END_OF_ISOLATE = "\u202c", "\u2069"
FILLERS = "\u115f\u1160\u3164\uffa0"
"""Invisible characters that Unicode counts as letters."""


def code_of(text: str) -> str:
    """A code in ASCII: converts digits, dashes and spaces of any script, and removes invisible characters."""
    return "".join(_ascii(character) for character in text).strip()


def bare(text: str) -> str:
    """A code without spaces and dashes."""
    return SPACES_AND_DASHES.sub("", code_of(text))


def _ascii(character: str) -> str:
    if "!" <= character <= "~":
        return character
    if character.isspace():
        return " "
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Cf":
            return ""
        case "Pd":
            return "-"
    return "-" if character in (MINUS, TATWEEL) else character


def number_of(text: str) -> int | float | None:
    """The number in a text, with or without thousands separators; None where it is not one."""
    plain = code_of(text).translate(BETWEEN)
    if WHOLE.fullmatch(plain):
        return int(plain)
    return float(plain) if FRACTION.fullmatch(plain) else None


def text_of(text: str) -> str:
    """A text without surrounding spaces, invisible characters, and unbalanced direction controls."""
    return _balanced(INVISIBLE.sub("", LINE_ENDS.sub("\n", text))).strip()


def has_letter_or_digit(text: str) -> bool:
    """Whether the text has a letter or digit of any script."""
    return any(unicodedata.category(character)[0] in "LN" and character not in FILLERS for character in text)


def _balanced(text: str) -> str:
    """The text without unbalanced embeddings and isolates, and without overrides.

    Phones copy numbers from contacts within isolates, and numbers in Urdu text need them. Overrides only serve to
    disguise a text.
    """
    if not DIRECTION_CONTROLS.search(text):
        return text
    kept: set[int] = set()
    opened: list[int] = []
    isolates = 0
    for index, character in enumerate(text):
        if character in OPENING:
            opened.append(index)
            isolates += character in ISOLATES
        elif character == END_OF_EMBEDDING and opened and text[opened[-1]] not in ISOLATES:
            start = opened.pop()
            if text[start] in EMBEDDINGS:
                kept |= {start, index}
        elif character == END_OF_ISOLATE and isolates:
            while text[opened[-1]] not in ISOLATES:
                opened.pop()
            kept |= {opened.pop(), index}
            isolates -= 1
    return "".join(
        character for index, character in enumerate(text) if index in kept or not DIRECTION_CONTROLS.match(character)
    )


def _read_text(value: Any, info: ValidationInfo) -> Any:
    kept = info.context and info.context.get("kept")  # stored earlier, when other rules applied
    if kept or not isinstance(value, str):
        return value
    text = text_of(value)
    if not has_letter_or_digit(text):
        raise PydanticCustomError("words_needed", "the text has no letter or digit")
    return text


AS_TEXT = BeforeValidator(_read_text)
"""For a `str` in a model: a normalised text with a letter or digit."""
AS_CODE = BeforeValidator(lambda value: code_of(value) if isinstance(value, str) else value)
"""For any type in a model: its input is read as a code."""
