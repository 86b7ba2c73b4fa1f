"""Writes messages: fills in templates in the citizen's language, within three SMS.

Text by people is inserted as a value, never as a template: on one line, without control or direction characters, and
without links: people would trust a link in a message from government, whoever wrote it. A space after each dot between
words, in `www.`, `://` and IP addresses prevents that a phone makes one; email addresses stay.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from services.notifier.models.message import SMS, Day, DaysAfter, Hour, MessageSpec, Named, PlainValue, Sealed, Value
from services.notifier.writing.library import ACCOUNT, BOUND, CODES, Library, Template, load
from services.notifier.writing.sms import MAX_PARTS, alphabet, parts, plainly
from shared.clock import PAKISTAN
from shared.seal import KeyRing
from shared.spelling import text_of

MAX_WORDS = 60
BREAKS = re.compile(r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029]+")
DIRECTIONS = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
LOCAL = r"(?<![\w.%+-])[\w%+-]+(?:\.[\w%+-]+)*"
LINK = re.compile(
    rf"(?P<email>{LOCAL}@[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{{2,}})(?!\w)"
    r"|(?<=[a-z0-9])://(?=\S)"
    r"|(?<!\w)www\.(?=\w)"
    r"|(?<![\w-])(?<!\d\.)(?P<machine>(?:[0-9]{1,3}\.){3})(?=[0-9]{1,3}(?!\d|\.\d))"
    "|(?<=[\\w\u200c\u200d-])[.．。｡](?=[^\\W\\d_]{2}|xn--)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Figures:
    """Settings that appear in messages: days, and the portal's address."""

    dispute_days: float = 14
    appeal_days: float = 30
    origin: str = ""
    host: str | None = None
    """The portal's host name, if a browser can bind codes to it."""


@dataclass(slots=True)
class Writer:
    """The texts and figures of this process."""

    library: Library
    figures: Figures


@cache
def _writer() -> Writer:
    return Writer(load(), Figures())


def texts() -> Library:
    """All texts."""
    return _writer().library


def use(library: Library, figures: Figures) -> None:
    """Use these from now on; called once, at start."""
    writer = _writer()
    writer.library, writer.figures = library, figures


def shown(name: str, language: str) -> str | None:
    """The text shown instead of a message whose own text is for the phone only."""
    template = texts().templates.get(name)
    return getattr(template.shown, language) if template and template.shown else None


def heading(name: str, about: str, language: str) -> str:
    """The subject of an email; `about` is the number if it is about a request. It contains nobody's text."""
    template = texts().templates[name]
    if template.subject is not None:
        return template.subject[language].filled({"number": about})
    words = texts().headings
    if template.group in (CODES, ACCOUNT):
        return words[template.group][language]
    return f"{words['request'][language]} {about}"


def unreadable(language: str) -> str:
    """The text shown if a sealed text does not open."""
    return texts().unreadable[language]


def group_of(name: str) -> str:
    """The group of a message in the preferences; empty for one that is only recorded."""
    template = texts().templates.get(name)
    return template.group if template else ""


def origin() -> str:
    """The portal's own address."""
    return _writer().figures.origin


def page(name: str, about: str) -> str | None:
    """The address of the portal's page about a message."""
    template, origin = texts().templates.get(name), _writer().figures.origin
    return f"{origin}{template.page.filled({'number': about})}" if origin and template and template.page else None


def render(message: MessageSpec, language: str, keys: KeyRing, channel: str = SMS) -> str:
    """The text of a message. Raises SealBrokenError if a sealed value cannot be opened."""
    filled, free = {}, []
    for name, value in message.values.items():
        if isinstance(value, Sealed) and value.free:
            free.append(name)
        filled[name] = text_of_value(value, language, keys)
    return written(texts().templates[message.template], language, channel, filled, free)


def written(template: Template, language: str, channel: str, filled: Mapping[str, str], free: Iterable[str]) -> str:
    """The text of a message with these values, of which the `free` ones may be shortened."""
    write = template.text(channel, language).filled
    if template.group == CODES:
        return of_code(write, filled, channel)
    if channel != SMS:
        return write(filled)
    text = plainly(write(filled))
    shortened = dict(filled)
    for name in free:
        if parts(text) > MAX_PARTS:
            shortened[name] = longest(filled[name], lambda short, name=name: write({**shortened, name: short}))  # type: ignore[misc]
            text = plainly(write(shortened))
    return text


def of_code(write: Callable[[Mapping[str, str]], str], filled: Mapping[str, str], channel: str) -> str:
    """The text of a code; in an SMS with the line that binds it to our portal.

    The line is left out if the message would need a second SMS. See https://wicg.github.io/sms-one-time-codes.
    """
    host = _writer().figures.host
    if host and channel == SMS:
        text = f"{plainly(write({**filled, BOUND: host}))}\n@{host} #{filled['code']}"
        if parts(text) == 1:
            return text
    return plainly(write({**filled, BOUND: ""}))


def text_of_value(value: Value, language: str, keys: KeyRing) -> str:
    """A value as text. Raises SealBrokenError."""
    if isinstance(value, Sealed):
        return clean(keys.unseal(value.text, value.purpose, owner=value.owner))
    return in_words(value, language)


def in_words(value: PlainValue, language: str) -> str:
    """A value that is not sealed, as text."""
    match value:
        case str():
            return clean(value)
        case int():
            return str(value)
        case Day():
            return day(value.at, language)
        case DaysAfter():
            return day(value.at + timedelta(days=getattr(_writer().figures, value.days)), language)
        case Hour():
            return f"{value.at.astimezone(PAKISTAN):%H:%M}"
        case Named():
            return texts().names[value.name][language]
        case _:
            return _shortened(clean(value.get(language) or value.get("en", "")))


def _shortened(name: str) -> str:
    """A name short enough for an SMS: as many whole words as fit."""
    if len(name) <= MAX_WORDS:
        return name
    return name[:MAX_WORDS].rpartition(" ")[0] or name[:MAX_WORDS]


def day(at: datetime, language: str) -> str:
    """The date in Pakistan, like "4 March 2027"."""
    local = at.astimezone(PAKISTAN)
    return f"{local.day} {texts().months[language][local.month - 1]} {local.year}"


def clean(text: str) -> str:
    """Text by a person, cleaned for our message."""
    line = BREAKS.sub(" ", DIRECTIONS.sub("", text_of(text)))
    return defused(line).strip()


def longest(text: str, write: Callable[[str], str]) -> str:
    """The longest beginning of `text` with which the message made by `write` is not too long.

    The rest of a cut word may be a web address, so it is cleaned again.
    """
    dots = "..." if alphabet(plainly(text)) == "GSM-7" else "…"
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if parts(plainly(write(defused(text[:middle].rstrip()) + dots))) <= MAX_PARTS:
            fits = middle
        else:
            too_long = middle
    return defused(text[:fits].rstrip()) + dots


def defused(text: str) -> str:
    """The text with a space in each web address."""
    return LINK.sub(_apart, text)


def _apart(found: re.Match[str]) -> str:
    if found["email"]:
        return found[0]
    return found[0].replace(".", ". ") if found["machine"] else f"{found[0]} "
