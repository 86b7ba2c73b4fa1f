"""CNICs, phone numbers, email addresses, number plates and other long numbers."""

import re
from collections.abc import Iterator

from services.requests.publishing.guard.schemas import Mark, PersonalKind
from services.requests.publishing.guard.word_lists import LISTS, any_of, words

GAP = r"[ \-.()/]{0,2}"
"""What people type between digits."""
CNIC = re.compile(rf"(?<!\d)\d{{5}}{GAP}\d{{7}}{GAP}\d(?!\d)|(?<!\d)\d{{13}}(?!\d)")
MASKED_CNIC = re.compile(r"(?<!\d)\d{5}[ -]?[x*X]{3,7}\d{0,4}[ -]?[\dxX*](?!\w)")
MOBILE = re.compile(rf"(?<!\d)(?:(?:\+|00){GAP}?92{GAP}0?|92{GAP}|0{GAP})?3(?:{GAP}\d){{9}}(?!\d)")
LANDLINE = re.compile(
    r"(?<![\d\-/])(?:(?:\+|00)92[ -]?|0)\d{2,3}[ -]{0,2}\d(?:[ -]?\d){5,6}(?!\d)|(?<!\d)\(0\d{2,3}\)[ -]?\d{6,8}(?!\d)"
)
EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]++\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\s?(?:\.|\(dot\)|\[dot\])\s?[A-Za-z][\w-]*)+"
    r"|(?<![\w.+-])[\w.+-]++ at (?:gmail|yahoo|hotmail|outlook|live|icloud)(?: dot |\.)com",
    re.IGNORECASE,
)
NUMBER = re.compile(
    r"\bPK\d{2}[ -]?[A-Z]{4}(?:[ -]?\d{4}){4}\b"  # IBAN
    r"|(?<!\d)\d{9,}(?!\d)|(?<!\d)\d{2} \d{4,5} \d{7}(?!\d)"
)
PLATE = re.compile(
    rf"\b(?!(?:{'|'.join(sorted(words('not_plates')))})\b)(?<![-/])"
    r"[A-Z]{2,4}[ -]?(?:\d{2}[ -])?\d{3,4}(?![\d-])\b"
)
NAMED = (
    r"(?:\s*+(?:کا|کی|ka|ki|is|was|ہے|,|،))?\s*+(?:no\b\.?|number|numbr|nambar|num\b|#|نمبر|plate)?"
    r"\s*+(?:is|was|hai|ہے|تھا|tha)?\s*+[:=#-]?\s*+"
)
"""What stands between a vehicle and its number."""
BY_VEHICLE = re.compile(
    rf"{any_of(LISTS['vehicles'])}{NAMED}"
    r"(?P<plate>[A-Za-z]{1,4}[ -]?\d{1,2}[ -]\d{3,4}|[A-Za-z]{2,4}[ -]?\d{2,4}|[A-Za-z]-\d{3,4}"
    r"|(?:[ا-ے]{1,4}[ -]){1,4}\d{3,4}(?:-\d{2,4})?|\d{3,4}-[A-Za-z]{1,3})(?!\d)",
    re.IGNORECASE,
)
COUNTED = re.compile(r"\s*+(?:days?|din|hours?|ghante|rupees|rs|دن|گھنٹے|روپے|بجے|بار)\b", re.IGNORECASE)
NOT_LETTERS = words("not_letters")
RULES = (
    (PersonalKind.CNIC, (CNIC, MASKED_CNIC)),
    (PersonalKind.PHONE, (MOBILE, LANDLINE)),
    (PersonalKind.EMAIL, (EMAIL,)),
    (PersonalKind.NUMBER, (NUMBER,)),
    (PersonalKind.PLATE, (PLATE,)),
)


def find_numbers(text: str) -> Iterator[Mark]:
    """Marks of everything with digits in it, and of email addresses."""
    for kind, rules in RULES:
        for rule in rules:
            yield from (Mark(found.start(), found.end(), kind) for found in rule.finditer(text))
    for found in BY_VEHICLE.finditer(text):
        if not COUNTED.match(text, found.end()) and found["plate"].split()[0].lower() not in NOT_LETTERS:
            yield Mark(found.start("plate"), found.end("plate"), PersonalKind.PLATE)
