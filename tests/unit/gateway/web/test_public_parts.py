"""Parts of the public pages: typed digits, time limits, fees, departments, waiting times."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.web.public.catalogue import by_department, fee, term
from gateway.web.public.tracking import four_digits
from gateway.web.words import Translator

ENGLISH, URDU = Translator("en"), Translator("ur")
NOON = datetime(2026, 3, 2, 7, 0, 20, tzinfo=UTC)
"""Twelve o'clock and twenty seconds in Pakistan."""


@pytest.mark.parametrize("typed", ["4567", " 45 67 ", "۴۵۶۷", "٤٥٦٧", "४५६७", "\u206645\u200f67\u2069"])
def test_four_digits_are_read_in_every_script(typed: str) -> None:
    assert four_digits(typed) == "4567"


@pytest.mark.parametrize("typed", ["", "456", "45678", "456x", "½567", "²567", "RB-7"])
def test_other_text_is_not_four_digits(typed: str) -> None:
    assert four_digits(typed) is None


@pytest.mark.parametrize(
    ("due", "english", "urdu"),
    [
        ({"days": 2, "calendar": "working"}, "2 working days", "2 کام کے دن"),
        ({"days": 1, "calendar": "working"}, "1 working day", "1 کام کا دن"),
        ({"days": 7, "calendar": "elapsed"}, "7 days", "7 دن"),
        ({"hours": 8, "calendar": "working"}, "8 working hours", "دفتری وقت کے 8 گھنٹے"),
        ({"hours": 48, "calendar": "elapsed"}, "48 hours", "48 گھنٹے"),
    ],
)
def test_time_limit_says_which_days_and_hours_count(due: dict[str, Any], english: str, urdu: str) -> None:
    assert [term(words, due).replace("\u00a0", " ") for words in (ENGLISH, URDU)] == [english, urdu]


def test_fee_is_an_amount_or_a_note() -> None:
    assert fee(ENGLISH, {"amount": 1500}) == "1,500 rupees"
    assert fee(URDU, {"amount": 0, "note": {"en": "At the office.", "ur": "دفتر میں۔"}}) == "دفتر میں۔"
    assert fee(ENGLISH, {"amount": 0}) == "Free"


def test_services_are_grouped_by_department_largest_first() -> None:
    services = [{"code": code, "department": department} for code, department in [("a", "x"), ("b", "y"), ("c", "y")]]
    found = list(by_department(services, {"y": {"name": "Water"}}))
    assert [(one.code, one.name, len(one.services)) for one in found] == [("y", "Water", 2), ("x", "x", 1)]


def test_waiting_time_is_over_at_the_shown_time() -> None:
    words = Translator("en", lambda: NOON)
    assert words.wait(24).striptags() == "Try again from 12:01, in 24 seconds."
    assert words.wait(40 * 3600).striptags().replace("\u00a0", " ") == "Try again from Wed 4 Mar, 04:01, in 40 hours."
