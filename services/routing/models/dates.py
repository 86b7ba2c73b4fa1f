"""Dates as texts for people, in both languages, like "4 March 2027"."""

import re
from datetime import datetime

from shared.clock import PAKISTAN

MONTHS = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ),
    "ur": (
        "جنوری", "فروری", "مارچ", "اپریل", "مئی", "جون", "جولائی", "اگست", "ستمبر", "اکتوبر", "نومبر", "دسمبر",
    ),
}  # fmt: skip
DATE = re.compile(
    rf"\b[0-9]{{1,2}} (?:{'|'.join((*MONTHS['en'], *MONTHS['ur']))}) [0-9]{{4}}\b|\b[0-9]{{4}}-[0-9]{{2}}-[0-9]{{2}}\b",
    re.IGNORECASE,
)


def day_text(at: datetime | None, language: str) -> str:
    """The date in Pakistan; empty without one."""
    if at is None:
        return ""
    local = at.astimezone(PAKISTAN)
    return f"{local.day} {MONTHS[language][local.month - 1]} {local.year}"
