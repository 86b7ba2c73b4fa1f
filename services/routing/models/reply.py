"""Refuses replies that only say "forwarded" or "not ours", and normalises replies to recognise copied ones."""

import re
import unicodedata
from functools import cache

from pydantic_core import PydanticCustomError

from services.routing.models.dates import DATE
from services.routing.phrases import phrases

SENTENCES = re.compile(r"[.!?۔؟\n]+")
# Letters by another keyboard, as the search of the requests service folds them too; and the stretching tatweel.
SPELLINGS = str.maketrans(
    {"ي": "ی", "ى": "ی", "ك": "ک", "ه": "ہ", "ھ": "ہ", "ة": "ہ", "ۃ": "ہ", "ە": "ہ", "\u0640": None, "’": "'"}
)
NUMBER = re.compile(r"\brb-?[0-9a-z]{4}-?[0-9a-z]{4}-?[0-9a-z]\b")
GAP = "{words}"
"""Where officers write their own words into a reply template."""
REFUSED_REASONS = ("not_ours", "forwarded")


@cache
def known_phrases() -> list[str]:
    """The empty phrases, normalised as replies are."""
    return [normalised(phrase) for phrase in [*phrases()["en"], *phrases()["ur"]]]


def normalised(text: str) -> str:
    """A text without case, spacing, marks, Arabic forms of letters, and invisible characters."""
    plain = unicodedata.normalize("NFKD", text.casefold()).translate(SPELLINGS)
    return " ".join("".join(sign for sign in plain if not _is_mark(sign)).split())


def _is_mark(sign: str) -> bool:
    """Whether it stands above or below a letter, or cannot be seen at all (joiners, soft hyphens, directions)."""
    return bool(unicodedata.combining(sign)) or unicodedata.category(sign) == "Cf"


def common_part(reply: str) -> str:
    """The normalised reply without tracking numbers and dates, which would make each copy a different text.

    A reply template fills both in, so templates neither hide a copied reply nor make one (docs/adr/0043).
    """
    return " ".join(NUMBER.sub(" ", normalised(DATE.sub(" ", reply))).split())


def without_gap(text: str) -> str:
    """The text. Raises a field error if it still has the gap of its template."""
    if GAP in text:
        raise PydanticCustomError("gap_left", "refused")
    return text


def says_nothing(reply: str) -> bool:
    """Whether the reply only refers the citizen to somebody else."""
    table = phrases()
    sentences = [sentence for part in SENTENCES.split(reply) if (sentence := normalised(part))]
    empty = [s for s in sentences if len(s.split()) <= table["words"] and any(p in s for p in known_phrases())]
    rest = [s for s in sentences if s not in empty and len(s.split()) > table["filler"]]
    return bool(empty) and not rest


def checked_reply(reply: str) -> str:
    """The reply. Raises a field error that advises to transfer, if it only refers the citizen to somebody else."""
    if says_nothing(reply):
        raise PydanticCustomError("transfer_instead", "transfer it instead")
    return reply


def checked_reason(reason: str | None, outcome: str | None) -> str | None:
    """The reason: required unless the outcome is granted, and then refused. Raises a field error."""
    if reason in REFUSED_REASONS:
        raise PydanticCustomError("transfer_instead", "transfer it instead")
    if reason is None and outcome in ("partly_granted", "not_granted"):
        raise PydanticCustomError("reason_needed", "say why")
    if reason is not None and outcome == "granted":
        raise PydanticCustomError("reason_unneeded", "leave it out")
    return reason
