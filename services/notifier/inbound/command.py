"""The commands in an SMS: pure rules over any text in English, Urdu, and Urdu in Latin letters."""

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

from shared.spelling import code_of
from shared.tracking_number import read_number
from shared.yaml_file import read_yaml

MAX_LOOKED_AT = 500
NUMBER = re.compile(r"(?<![^\W_])RB[ -]*((?:[^\W_][ -]*){9})(?![^\W_])", re.IGNORECASE)
"""A tracking number among other words, with or without hyphens and spaces."""
WORD = re.compile(r"[^\W\d_]+(?:[\u064b-\u0652\u0670]+[^\W\d_]*)*")
VOWELS = re.compile("[\u064b-\u0652\u0670]")
ARABIC = re.compile("[\u0620-\u064a\u0671-\u06d3]")
SPELLED = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ة": "ہ"})
"""Letters of Arabic keyboards, and the Urdu ones."""


class CommandKind(StrEnum):
    """The commands."""

    STATUS = "status"
    STOP = "stop"
    START = "start"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Command:
    """The command in an SMS; `number` with `STATUS`. `language` is that of its text, None if it cannot be told."""

    kind: CommandKind
    number: str | None = None
    language: str | None = None


def read_command(text: str) -> Command:
    """The command in a text. A number alone asks for the state; anything unknown asks for help."""
    beginning = text[:MAX_LOOKED_AT]
    number = number_in(beginning)
    words = words_of(NUMBER.sub(" ", code_of(beginning)) if number else beginning)
    language = language_of(beginning, words)
    if number is not None:
        return Command(CommandKind.STATUS, number, language)
    if orders(words, "stop"):
        return Command(CommandKind.STOP, language=language)
    if orders(words, "start"):
        return Command(CommandKind.START, language=language)
    return Command(CommandKind.HELP, language=language)


def number_in(text: str) -> str | None:
    """The first tracking number in a text, in the stored form."""
    numbers = (read_number(found[0]) for found in NUMBER.finditer(code_of(text)))
    return next((number for number in numbers if number), None)


def words_of(text: str) -> list[str]:
    """The normalised words of a text, in lower case."""
    return [VOWELS.sub("", word).translate(SPELLED).lower() for word in WORD.findall(text)]


def orders(words: list[str], order: str) -> bool:
    """Whether the words are exactly that command."""
    known = kept()
    return bool(known[order].intersection(words)) and known[order].union(known["polite"]).issuperset(words)


def language_of(text: str, words: list[str]) -> str | None:
    """The language of a text; None for a number alone, or for a command used in both languages."""
    return "ur" if ARABIC.search(text) or kept()["roman_urdu"].intersection(words) else None


@cache
def kept() -> dict[str, frozenset[str]]:
    """The content of `words.yaml`."""
    loaded = read_yaml(Path(__file__).with_name("words.yaml"))
    return {name: frozenset(words_of(" ".join(map(str, words)))) for name, words in loaded.items()}
