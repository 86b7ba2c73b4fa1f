"""Finds personal data in what people write, in English, Urdu and Urdu in Latin letters, and takes it out.

Rules miss some of it and mark too much, so an officer reads every text before it is published. `python -m tools.guard`
measures both on labelled lines.
"""

from collections.abc import Iterable

from services.requests.publishing.guard.addresses import find_addresses
from services.requests.publishing.guard.names import find_names
from services.requests.publishing.guard.numbers import find_numbers
from services.requests.publishing.guard.reading import readable
from services.requests.publishing.guard.schemas import HARD, Mark, PersonalKind

__all__ = ["HARD", "Mark", "PersonalKind", "find_personal", "redact"]

PLACEHOLDERS = {
    PersonalKind.CNIC: {"en": "CNIC", "ur": "شناختی کارڈ"},
    PersonalKind.PHONE: {"en": "phone", "ur": "فون"},
    PersonalKind.EMAIL: {"en": "email", "ur": "ای میل"},
    PersonalKind.NUMBER: {"en": "number", "ur": "نمبر"},
    PersonalKind.NAME: {"en": "name", "ur": "نام"},
    PersonalKind.PLATE: {"en": "number plate", "ur": "گاڑی نمبر"},
    PersonalKind.ADDRESS: {"en": "address", "ur": "پتہ"},
}
"""What stands in place of personal data, in square brackets."""


def find_personal(text: str) -> list[Mark]:
    """What seems to be personal data, from left to right, without overlaps."""
    plain = readable(text)
    found = [*find_numbers(plain), *find_names(plain), *find_addresses(plain)]
    return _without_overlaps(found)


def redact(text: str, marks: Iterable[Mark], language: str) -> str:
    """The text with a placeholder for each mark."""
    parts, at = [], 0
    for mark in marks:
        parts += [text[at : mark.start], f"[{PLACEHOLDERS[mark.kind][language]}]"]
        at = mark.end
    return "".join([*parts, text[at:]])


def _without_overlaps(found: list[Mark]) -> list[Mark]:
    """The marks in order; one that overlaps an earlier or longer one is joined to it."""
    kept: list[Mark] = []
    for mark in sorted(found, key=lambda one: (one.start, -one.end)):
        if kept and mark.start < kept[-1].end:
            last = kept[-1]
            kept[-1] = Mark(last.start, max(last.end, mark.end), last.kind)
        else:
            kept.append(mark)
    return kept
