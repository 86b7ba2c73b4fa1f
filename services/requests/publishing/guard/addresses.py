"""Addresses of homes and shops. A street alone is a place to be mended, and stays."""

import re
from collections.abc import Iterator

from services.requests.publishing.guard.schemas import Mark, PersonalKind

NUMBERED = r"(?:no|number|num|nambar|numbr)\b\.?"
HOME = (
    rf"(?:\b(?:house|flat|plot|apartment|apt|kothi|bungalow|shop|dukan|dukaan)\b(?:\s*+{NUMBERED}|\s*+#)?"
    rf"|\b(?:makan|makaan|ghar)\b\s*+(?:{NUMBERED}|#)|\bh\.?\s?(?:no\b\.?|#)"
    r"|(?<!\w)(?:مکان|فلیٹ|پلاٹ|کوٹھی|اپارٹمنٹ)\s*+(?:نمبر|#)?|(?<!\w)(?:گھر|دکان)\s*+(?:نمبر|#))"
)
DOOR = r"\s*+[-:.#]?\s*+(?:[A-Za-z]{1,2}[- ]?)?\d{1,5}(?:\s?[-/]\s?[A-Za-z0-9]{1,4})?[A-Za-z]?\b"
NOT_COUNTED = (
    r"(?!\s*+(?:days?|din|hours?|hrs|ghante|feet|foot|ft|marla|kanal|rooms?|people|times?|years?|months?|mahine"
    r"|دن|گھنٹے|فٹ|مرلہ|مرلے|کنال|کمرے|لوگ|بار|سال|مہینے)\b)"
)
STREET = (
    r"(?i:street|st|gali|lane|block|sector|phase|mohalla|muhalla|ward|road|colony)\b\.?\s*+(?i:no\b\.?|number|nambar|#)?"
    r"\s*+[-#]?\s*+(?:[A-Z]?-?\d+[A-Z]?(?:/\d+)?|[A-Z]\b|[A-Z][a-z]+(?: [A-Z][a-z]+){0,2})"
)
QUARTER = (
    r"[A-Z]-?\d{1,2}(?:/\d)?\b|[A-Z][a-z]+(?: [A-Z][a-z]+)?"
    r" (?:Colony|Town|Street|Road|Mohalla|Lane|Block|Bazaar|Phase)(?: \d+)?\b"
)
URDU_PART = (
    r"(?:گلی|سٹریٹ|بلاک|سیکٹر|فیز|وارڈ)\s*+(?:نمبر|#)?\s*+\d+|محلہ\s+\w+(?:\s(?!(?:میں|کے|کی|کا|سے|پر|کو|نے|ہے)\b)\w+)?"
    r"|\w+\s+(?:کالونی|ٹاؤن|روڈ|سٹریٹ)"
)
PART = rf"(?:\s*+[,،-]?\s*+(?:near |behind |opposite |نزد )?(?:{STREET}|{QUARTER}|{URDU_PART}))"
"""What follows a door: a street, a quarter."""
ADDRESS = re.compile(rf"(?i:{HOME}{DOOR}{NOT_COUNTED})(?:{PART}){{0,4}}")
LIVES = re.compile(
    r"\b(?:(?:i|we|he|she|they) (?:lives?|resides?) (?:at|in)|my (?:home )?address(?: is)?:?|address\s?[:=]"
    r"|resident of|r/o|mera pata|mera address|pata\s?[:=])\s+"
    r"(?P<place>[^.;\n]{4,60}?)(?=[.;\n]|$| (?:and|aur|for|since|hai|mein)\b)"
    r"|(?<!\w)(?:میرا پتہ|پتہ\s?[:=]|سکنہ|ساکن)\s*+(?:ہے)?\s*+:?\s*+"
    r"(?P<urdu>[^۔;\n]{4,60}?)(?=[۔;\n]|$| (?:ہے|اور|نے|میں|کو|کے|کی)(?!\w))",
    re.IGNORECASE,
)
"""Where somebody says where a person lives."""


def find_addresses(text: str) -> Iterator[Mark]:
    """Marks of addresses."""
    yield from (Mark(found.start(), found.end(), PersonalKind.ADDRESS) for found in ADDRESS.finditer(text))
    for found in LIVES.finditer(text):
        group = "place" if found["place"] else "urdu"
        yield Mark(found.start(group), found.end(group), PersonalKind.ADDRESS)
