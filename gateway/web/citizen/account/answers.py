"""What somebody tells to open an account: one thing a page, kept in the session until the account is open."""

import re
from collections.abc import Mapping
from typing import Any

FIELDS = ("name", "cnic", "mobile", "email", "address")
"""In the order of their pages; the password comes last, with the answers to be checked, and is never kept."""
STEP = "register"
CHECK = "/register/check"
CNIC_DIGITS = 13
DIGIT = re.compile(r"\d")
MAX_LETTERS = 500
"""More is not taken from any page: the answers have to fit into a cookie together."""


def page_of(field: str) -> str:
    """The address of the page for one answer."""
    return "/register" if field == FIELDS[0] else f"/register/{field}"


def open_fields(answers: Mapping[str, Any]) -> list[str]:
    """What is still to be told."""
    return [field for field in FIELDS if not answers.get(field)]


def next_page(answers: Mapping[str, Any]) -> str:
    """Where to go on: to the first answer that is missing, or to check them all."""
    missing = open_fields(answers)
    return page_of(missing[0]) if missing else CHECK


def page_before(answers: Mapping[str, Any], field: str) -> str:
    """Where "Back" leads: to all answers for somebody who changes one; empty for the first page."""
    if not open_fields(answers):
        return CHECK
    before = FIELDS.index(field) - 1
    return page_of(FIELDS[before]) if before >= 0 else ""


def digits_in(text: str) -> int:
    """How many digits of any script somebody typed."""
    return len(DIGIT.findall(text))
