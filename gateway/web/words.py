"""Texts of the pages in both languages: translations, dates and numbers.

English is in the templates and handlers, Urdu in `locale/ur/*.po`, one file for each room. Dates and times are those
of Asia/Karachi.
"""

import gettext
import io
import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path

from babel.dates import format_date
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup

from shared.clock import PAKISTAN

LOCALE = Path(__file__).parent / "locale"
LANGUAGES = ("en", "ur")
NEAR_DAYS = 2
LONG_WAIT = 6 * 3600
"""Seconds from which on a wait is shown with its day."""
NO_BREAK = "\u00a0"
Value = str | datetime | None


def _(text: str) -> str:
    """Mark a text for translation; it is translated when it is shown."""
    return text


@cache
def translations(language: str) -> gettext.NullTranslations:
    """All translations into a language. Raises ValueError if a file is malformed."""
    merged: gettext.NullTranslations = gettext.NullTranslations()
    for path in sorted((LOCALE / language).glob("*.po")):
        with path.open("rb") as file:
            catalogue = read_po(file, locale=language, abort_invalid=True)
        compiled = io.BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        room = gettext.GNUTranslations(compiled)
        room.add_fallback(merged)
        merged = room
    return merged


class Translator:
    """One language: its translations, dates and numbers. `now` returns the present time."""

    def __init__(self, language: str, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.language = language
        self.translations = translations(language)
        self._now = now
        self._comma = "،" if language == "ur" else ","

    def say(self, text: str, **values: object) -> str:
        """A text in this language, with its `%(name)s` placeholders filled."""
        translated = self.translations.gettext(text)
        return translated % values if values else translated

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """A text with a number, `%(n)s`, as singular or plural."""
        return self.translations.ngettext(one, many, n) % {"n": self.number(n), **values}

    def localised(self, texts: Mapping[str, str] | str | None) -> str:
        """A text in both languages, in this one."""
        if texts is None or isinstance(texts, str):
            return texts or ""
        return texts.get(self.language) or texts.get("en", "")

    def number(self, n: float) -> str:
        """A number with thousands separators."""
        return format_decimal(n, locale=self.language, numbering_system="latn")

    def day(self, value: Value) -> Markup:
        """A day as people say it: today, tomorrow, Tuesday 1 December."""
        return self._time(value, lambda at: self._day(at.date(), "EEEE d MMMM"))

    def short_day(self, value: Value) -> Markup:
        """A short day: Tue 1 Dec."""
        return self._time(value, lambda at: self._day(at.date(), "EEE d MMM"))

    def month(self, month: str) -> str:
        """A month with its year: November 2026."""
        return format_date(date.fromisoformat(f"{month}-01"), "MMMM yyyy", locale=self.language).replace(" ", NO_BREAK)

    def short_month(self, month: str) -> str:
        """A month by its short name: Nov."""
        return format_date(date.fromisoformat(f"{month}-01"), "MMM", locale=self.language)

    def full_moment(self, value: Value) -> Markup:
        """A day with its year and the time, for paper: 1 December 2026, 14:05."""

        def written(at: datetime) -> str:
            day = format_date(at.date(), "d MMMM yyyy", locale=self.language).replace(" ", NO_BREAK)
            return f"{day}{self._comma} {at:%H:%M}"

        return self._time(value, written)

    def moment(self, value: Value) -> Markup:
        """A day and the time: today, 14:05."""
        return self._time(value, lambda at: f"{self._day(at.date(), 'EEE d MMM')}{self._comma} {at:%H:%M}")

    def clock(self, value: Value) -> Markup:
        """The time alone: 14:05."""
        return self._time(value, lambda at: f"{at:%H:%M}")

    def from_now(self, value: Value) -> str:
        """How long until then, or since then: in 3 days, 4 hours ago."""
        at = moment_of(value)
        if at is None:
            return ""
        left = at - self._now()
        ahead, seconds = left >= timedelta(0), abs(left.total_seconds())
        span = self.span(seconds)
        return self.say("in %(span)s", span=span) if ahead else self.say("%(span)s ago", span=span)

    def late_by(self, value: Value) -> str:
        """How long ago something was due: Late by 4 days."""
        at = moment_of(value)
        return self.say("Late by %(span)s", span=self.span(abs((self._now() - at).total_seconds()))) if at else ""

    def span(self, seconds: float) -> str:
        """A length of time in the largest unit that fits it."""
        if seconds >= 2 * 86400:
            return self.count("%(n)s day", "%(n)s days", round(seconds / 86400))
        if seconds >= 2 * 3600:
            return self.count("%(n)s hour", "%(n)s hours", round(seconds / 3600))
        if seconds >= 120:
            return self.count("%(n)s minute", "%(n)s minutes", round(seconds / 60))
        return self.count("%(n)s second", "%(n)s seconds", round(seconds))

    def wait(self, seconds: int) -> Markup:
        """When to try again: Try again from 10:42, in 24 seconds."""
        at = self._now() + timedelta(seconds=seconds + 59)  # a clock without seconds must not name a time too early
        time = self.moment(at) if seconds > LONG_WAIT else self.clock(at)
        return Markup(self.say("Try again from %(time)s, in %(span)s.")) % {"time": time, "span": self.span(seconds)}

    def is_past(self, value: Value) -> bool:
        """Whether that time has passed."""
        at = moment_of(value)
        return at is not None and at < self._now()

    def is_soon(self, value: Value) -> bool:
        """Whether that time is within two days."""
        at = moment_of(value)
        return at is not None and timedelta(0) <= at - self._now() <= timedelta(days=NEAR_DAYS)

    def _day(self, day: date, pattern: str) -> str:
        today = self._now().astimezone(PAKISTAN).date()
        near = {0: _("today"), 1: _("tomorrow"), -1: _("yesterday")}.get((day - today).days)
        if near:
            return self.say(near)
        written = format_date(day, pattern if day.year == today.year else f"{pattern} yyyy", locale=self.language)
        return re.sub(r"(?<=\d) ", NO_BREAK, written)

    @staticmethod
    def _time(value: Value, written: Callable[[datetime], str]) -> Markup:
        """A time as it is written, with the time for programs; empty if there is none."""
        at = moment_of(value)
        if at is None:
            return Markup("")
        return Markup('<time datetime="{}">{}</time>').format(at.isoformat(timespec="seconds"), written(at))


def moment_of(value: Value) -> datetime | None:
    """A time as the API writes it, in Asia/Karachi."""
    if not value:
        return None
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return at.astimezone(PAKISTAN)


URDU = re.compile("[\u0600-\u06ff]")


def language_of(text: str) -> str:
    """The language of a text by its script, so that the page uses a font that has it."""
    return "ur" if URDU.search(text) else "en"


SKIPPED = frozenset({"bdi", "svg", "textarea", "option", "script", "code", "pre", "title", "style"})
VOID = frozenset({"input", "img", "br", "hr", "meta", "link"})
TAGS = re.compile(r"(<[^>]*>)")
TAG = re.compile(r"<(/?)([a-z0-9]+)([^>]*)>")
LATIN = re.compile(r"(&#?\w+;)|([A-Za-z0-9+•](?:[A-Za-z0-9 .,:/%@+•×-]*[A-Za-z0-9%•])?)")


def isolate(html: str) -> str:
    """Put every number and Latin run of Urdu HTML into a `bdi`, so that it keeps its own direction.

    Elements marked as English or as left to right, and elements that may contain no other element, are left unchanged.
    """
    out: list[str] = []
    inside, depth = "", 0
    for text in TAGS.split(html):
        tag = TAG.match(text)
        if tag is None:
            out.append(text if inside else LATIN.sub(_isolated, text))
            continue
        out.append(text)
        closing, name, attributes = tag.groups()
        if not inside and not closing and _is_unchanged(name, attributes):
            inside, depth = name, 1
        elif inside == name and not attributes.endswith("/"):
            depth += -1 if closing else 1
            inside = inside if depth else ""
    return "".join(out)


def _is_unchanged(name: str, attributes: str) -> bool:
    marked = name in SKIPPED or 'lang="en"' in attributes or 'dir="ltr"' in attributes
    return marked and name not in VOID and not attributes.endswith("/")


def _isolated(match: re.Match[str]) -> str:
    return match[1] or f'<bdi dir="ltr">{match[2]}</bdi>'
