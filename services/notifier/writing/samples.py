"""Example values: the first for a preview, all of them to find the longest message."""

from datetime import datetime
from pathlib import Path

from services.notifier.models.message import Day, Hour, Named, PlainValue
from services.notifier.writing.templates import texts
from shared.yaml_file import read_yaml

TEXTS: dict[str, dict[str, str]] = read_yaml(Path(__file__).with_suffix(".yaml"))
LONG_WORDS = {language: f"{words} " * 40 for language, words in TEXTS["long_words"].items()}
FREE = frozenset({"question", "note", "reason", "reply"})
"""Texts of a department, which are shortened if they do not fit."""
NUMBER = "RB-7F3K-9Q2M-E"
NUMBERS = frozenset({"number", "first", "appeal", "ended", "duplicate"})
NAMED = frozenset({"kind", "standing", "purpose", "caution", "outcome", "step"})
"""Values with a text in `names.yaml`, by its beginning."""
PREFIXES = {"outcome": ("outcome.", "appeal.")}
DATES = frozenset({"due", "until", "day", "since"})
LAST = datetime.fromisoformat("2030-01-28T23:59:00+05:00")
USUAL = Day(LAST.replace(month=3))
MONTHS = tuple(Day(LAST.replace(month=month)) for month in range(1, 13))


def samples_of(name: str, language: str) -> tuple[PlainValue, ...]:
    """Examples for a value of this name; none for an unknown name."""
    if name in FREE:
        return TEXTS["words"][language], LONG_WORDS[language]
    if name in ("lines", "requests"):
        return (TEXTS[name][language],)
    if name in NUMBERS:
        return (NUMBER,)
    if name in DATES:
        return USUAL, *MONTHS
    if name in NAMED:
        named = texts().names
        return tuple(Named(one) for one in named if one.startswith(PREFIXES.get(name, f"{name}.")))
    return OTHERS.get(name, ())


OTHERS: dict[str, tuple[PlainValue, ...]] = {
    "code": ("482913",),
    "undo": ("7KQM2XWP94RT",),
    "time": (Hour(LAST),),
    "failed": (2, 12),
    "more": (4,),
    "department": (TEXTS["department"], TEXTS["long_department"]),
    "service": (TEXTS["service"], TEXTS["long_service"]),
    "head": (TEXTS["head"], TEXTS["long_head"]),
    "count": (12, 12_000),
}
