"""Which passwords are refused: short ones, common ones, and those that are little more than the owner's details."""

import re
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from zxcvbn.frequency_lists import FREQUENCY_LISTS

MIN_LENGTH, MAX_LENGTH, MAX_BYTES = 8, 128, 512
WORD_LENGTH = 4
CONTEXT = (
    "rabta", "pakistan", "zindabad", "islamabad", "rawalpindi", "lahore", "karachi", "peshawar", "quetta",
    "multan", "faisalabad", "hyderabad", "sialkot", "gujranwala", "punjab", "sindh", "balochistan", "khyber",
    "citizen", "portal", "government", "complaint", "department",
)  # fmt: skip
LOOKALIKES = str.maketrans("@4301$5!78", "aaeoissltb")
DIGIT = re.compile(r"\d")
"""Of any script."""
EDGES = re.compile(r"^[\W\d_]+|[\W\d_]+$")
RUNS = ("abcdefghijklmnopqrstuvwxyz", "01234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb")


@cache
def common() -> frozenset[str]:
    """Common passwords in small letters: from leaks (zxcvbn's list), and from Pakistan."""
    text = (Path(__file__).parent / "common_passwords.txt").read_text(encoding="utf-8")
    local = (line for line in text.splitlines() if line and not line.startswith("#"))
    return frozenset((*local, *(word.casefold() for word in FREQUENCY_LISTS["passwords"])))


def is_acceptable(password: str, *, words: Iterable[str] = (), numbers: Iterable[str] = ()) -> bool:
    """Whether a person with these names and addresses (`words`) and these `numbers` may use the password.

    Digits of every script count as ASCII digits.
    """
    password = unicodedata.normalize("NFKC", password)
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH or len(password.encode()) > MAX_BYTES:
        return False
    folded = DIGIT.sub(lambda digit: str(unicodedata.decimal(digit[0])), password).casefold()
    if _is_weak(folded):
        return False
    digits = "".join(character for character in folded if character.isdigit())
    if any(number in digits for number in numbers if number):
        return False
    rest = folded
    for word in sorted({*CONTEXT, *_parts(words)}, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) >= MIN_LENGTH and (rest == folded or not _is_weak(rest))


def _parts(words: Iterable[str]) -> set[str]:
    """The words of names and addresses, without short ones, which occur by chance."""
    folded = " ".join(unicodedata.normalize("NFKC", word).casefold() for word in words)
    return {part for part in re.split(r"[\W_]+", folded) if len(part) >= WORD_LENGTH}


def _is_weak(folded: str) -> bool:
    """Whether it is a common password, also with digits or signs added or substituted, or one run of keys."""
    core = EDGES.sub("", folded)
    spellings = {folded, core, folded.translate(LOOKALIKES), core.translate(LOOKALIKES)}
    spellings |= {EDGES.sub("", spelling) for spelling in spellings}
    if not common().isdisjoint(spellings - {""}) or len(set(folded)) <= 3:
        return True
    return any(folded in run or folded in run[::-1] for run in (line * 4 for line in RUNS))
