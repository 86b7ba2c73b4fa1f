"""Writes messages: fills templates in, in the citizen's language, within three SMS.

Text that people wrote goes in as it is, never as a format: on one line, without control or direction characters, and
with no web address that can be tapped (`links.py`).
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from functools import cache

from services.notifier.models import SMS, Day, Hour, Named, Sealed, Value, Wanted
from services.notifier.writing.library import ACCOUNT, CODES, LANGUAGES, Library, load
from services.notifier.writing.links import defused
from services.notifier.writing.sms import DOUBLE, MOST_PARTS, PLAIN, parts
from shared.seal import KeyRing
from shared.spelling import text_of

__all__ = ["LANGUAGES", "PAKISTAN", "clean", "day", "heading", "render", "shown", "texts", "unreadable"]

PAKISTAN = timezone(timedelta(hours=5))
LONGEST_WORDS = 60
BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
DIRECTIONS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")


@cache
def texts() -> Library:
    """All texts."""
    return load({"dispute_days": "14", "appeal_days": "30"})


def shown(name: str, language: str) -> str | None:
    """What stands for a message wherever it is shown again, when its words are for the handset only."""
    template = texts().templates.get(name)
    return getattr(template.shown, language) if template and template.shown else None


def heading(name: str, about: str, language: str) -> str:
    """The subject of an email; `about` is the number where it is about a request. It holds nobody's words."""
    template = texts().templates[name]
    if template.subject is not None:
        return template.subject[language].filled({"number": about})
    words = texts().headings
    if template.group in (CODES, ACCOUNT):
        return words[template.group][language]
    return f"{words['request'][language]} {about}"


def unreadable(language: str) -> str:
    """What stands for words that do not open."""
    return texts().unreadable[language]


def render(wanted: Wanted, language: str, keys: KeyRing, channel: str = SMS) -> str:
    """The words of a message. Raises SealBrokenError when a sealed value cannot be opened."""
    filled, free = {}, []
    for name, value in wanted.values.items():
        if isinstance(value, Sealed) and value.free:
            free.append(name)
        filled[name] = told(value, language, keys)
    write = texts().templates[wanted.template].text(channel, language).filled
    text = write(filled)
    if channel != SMS:
        return text
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
            return texts().names[value.name][language]
        case _:
            return clean(value.get(language) or value.get("en", ""))[:LONGEST_WORDS]


def day(at: datetime, language: str) -> str:
    """The date in Pakistan, like "4 March 2027"."""
    local = at.astimezone(PAKISTAN)
    return f"{local.day} {texts().months[language][local.month - 1]} {local.year}"


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
