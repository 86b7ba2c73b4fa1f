"""Writes messages: fills templates in, in the citizen's language, within three SMS.

Text that people wrote goes in as it is, never as a format: on one line, without control or direction characters, and
with no web address that can be tapped (`links.py`).
"""

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from string import Template
from typing import Any

import yaml

from services.notifier.models import Day, Hour, Named, Sealed, Value, Wanted
from services.notifier.writing.links import defused
from services.notifier.writing.sms import DOUBLE, MOST_PARTS, PLAIN, parts
from shared.seal import KeyRing
from shared.spelling import text_of

PAKISTAN = timezone(timedelta(hours=5))
LANGUAGES = ("en", "ur")
LONGEST_WORDS = 60
BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
DIRECTIONS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@cache
def texts() -> dict[str, Any]:
    """The templates file."""
    loaded: dict[str, Any] = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8"))
    return loaded


@cache
def template(name: str, language: str) -> Template:
    """One template, ready to be filled in. Raises KeyError."""
    return Template(texts()["templates"][name][language])


def shown(name: str, language: str) -> str | None:
    """What stands for a message wherever it is shown again, when its words are for the handset only."""
    words: dict[str, str] = texts()["templates"].get(name, {}).get("shown", {})
    return words.get(language)


def heading(name: str, about: str, language: str) -> str:
    """The subject of an email; `about` is the number where it is about a request. It holds nobody's words."""
    words: dict[str, dict[str, str]] = texts()["headings"]
    if name == "citizen.code_issued":
        return words["code"][language]
    return words["account"][language] if name.startswith("citizen.") else f"{words['request'][language]} {about}"


def unreadable(language: str) -> str:
    """What stands for words that do not open."""
    words: dict[str, str] = texts()["unreadable"]
    return words[language]


def render(wanted: Wanted, language: str, keys: KeyRing) -> str:
    """The words of a message. Raises SealBrokenError when a sealed value cannot be opened."""
    filled, free = {}, []
    for name, value in wanted.values.items():
        if isinstance(value, Sealed) and value.free:
            free.append(name)
        filled[name] = told(value, language, keys)
    write = template(wanted.template, language).substitute
    text = write(filled)
    for name in free:
        if parts(text) > MOST_PARTS:
            filled[name] = longest(filled[name], lambda short, name=name: write({**filled, name: short}))  # type: ignore[misc]
            text = write(filled)
    return text


def told(value: Value, language: str, keys: KeyRing) -> str:
    """A value in words."""
    match value:
        case str():
            return clean(value)
        case int():
            return str(value)
        case Sealed():
            return clean(keys.unseal(value.text, value.place, of=value.of))
        case Day():
            return day(value.at, language)
        case Hour():
            return f"{value.at.astimezone(PAKISTAN):%H:%M}"
        case Named():
            words: Mapping[str, str] = texts()["names"][value.name]
            return words[language]
        case _:
            return clean(value.get(language) or value.get("en", ""))[:LONGEST_WORDS]


def day(at: datetime, language: str) -> str:
    """The date in Pakistan, like "4 March 2027"."""
    local = at.astimezone(PAKISTAN)
    return f"{local.day} {texts()['months'][language][local.month - 1]} {local.year}"


def clean(text: str) -> str:
    """Text of somebody else as it may stand in our message."""
    line = BREAKS.sub(" ", DIRECTIONS.sub("", text_of(text)))
    return defused(line).strip()


def longest(text: str, write: Callable[[str], str]) -> str:
    """The longest beginning of `text` with which the message that `write` makes is not too long.

    Where a word is cut, what is left of it may be a web address.
    """
    plain = PLAIN | DOUBLE
    dots = "..." if set(text) <= plain else "…"
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if parts(write(defused(text[:middle].rstrip()) + dots)) <= MOST_PARTS:
            fits = middle
        else:
            too_long = middle
    return defused(text[:fits].rstrip()) + dots
