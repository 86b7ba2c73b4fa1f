"""Example values: the first for a preview, all of them to find the longest message."""

from datetime import datetime

from services.notifier.models.message import Day, Hour, Named, PlainValue
from services.notifier.writing.templates import texts

WORDS = {
    "en": "The lamp at the corner was replaced on Monday.",
    "ur": "کونے والی بتی پیر کو بدل دی گئی ہے۔",
}
LONG_WORDS = {"en": "The lamp at the corner works. " * 40, "ur": "کونے والی بتی ٹھیک کام کر رہی ہے۔ " * 40}
FREE = frozenset({"question", "note", "reason", "reply"})
"""Texts of a department, which are shortened if they do not fit."""
NUMBER = "RB-7F3K-9Q2M-E"
NUMBERS = frozenset({"number", "first", "appeal", "ended", "duplicate"})
DEPARTMENT = {"en": "Water and Sanitation Services Peshawar", "ur": "محکمہ آب رسانی و نکاسی پشاور"}
LONG_DEPARTMENT = {
    "en": "Provincial Directorate of Water Supply, Sanitation and Drains",
    "ur": "صوبائی نظامت برائے فراہمی آب، نکاسی آب و صفائی، ضلع ڈیرہ اسماعیل خان",
}
HEAD = {"en": "Chief Sanitation Officer", "ur": "چیف سینیٹیشن آفیسر"}
LONG_HEAD = {
    "en": "Provincial Director General, Water Supply, Sanitation and Drains",
    "ur": "صوبائی ڈائریکٹر جنرل، محکمہ فراہمی آب، نکاسی آب و صفائی",
}
SERVICE = {"en": "A street light does not work", "ur": "گلی کی بتی خراب ہے"}
LONG_SERVICE = {
    "en": "Replacement of a lost or damaged domicile certificate, urgent",
    "ur": "گم شدہ یا خراب ڈومیسائل سرٹیفکیٹ کی فوری تبدیلی کی درخواست",
}
LINES = {
    "lines": {
        "en": "12000 new requests, the first due by 28 September 2030. 12000 requests are open again and need your "
        "own decision, the first by 28 September 2030. 12000 citizens have answered.",
        "ur": "12000 نئی درخواستیں، پہلی 28 ستمبر 2030 تک مکمل کریں۔ 12000 درخواستیں دوبارہ کھلی ہیں، پہلی کا فیصلہ آپ "
        "کو 28 ستمبر 2030 تک کرنا ہے۔ شہریوں کے 12000 جواب آئے ہیں۔",
    },
    "requests": {
        "en": f"{NUMBER}: the department has begun to work on it.",
        "ur": f"درخواست {NUMBER}: محکمے نے کام شروع کر دیا ہے۔",
    },
}
"""Lines rendered by other templates: as many as an SMS takes (`officers/digests.py`)."""
DATES = frozenset({"due", "until", "day", "since"})
LAST = datetime.fromisoformat("2030-01-28T23:59:00+05:00")
USUAL = Day(LAST.replace(month=3))
MONTHS = tuple(Day(LAST.replace(month=month)) for month in range(1, 13))


def samples_of(name: str, language: str) -> tuple[PlainValue, ...]:
    """Examples for a value of this name; none for an unknown name."""
    if name in FREE:
        return WORDS[language], LONG_WORDS[language]
    if name in LINES:
        return (LINES[name][language],)
    if name in NUMBERS:
        return (NUMBER,)
    if name in DATES:
        return USUAL, *MONTHS
    if name in NAMED:
        return tuple(Named(one) for one in texts().names if one.startswith(NAMED[name]))
    return OTHERS.get(name, ())


NAMED = {
    "kind": ("kind.",),
    "standing": ("standing.",),
    "purpose": ("purpose.",),
    "caution": ("caution.",),
    "outcome": ("outcome.", "appeal."),
    "step": ("step.",),
}
"""The possible names of a value."""
OTHERS: dict[str, tuple[PlainValue, ...]] = {
    "code": ("482913",),
    "undo": ("7KQM2XWP94RT",),
    "time": (Hour(LAST),),
    "failed": (2, 12),
    "more": (4,),
    "department": (DEPARTMENT, LONG_DEPARTMENT),
    "service": (SERVICE, LONG_SERVICE),
    "head": (HEAD, LONG_HEAD),
    "count": (12, 12_000),
}
