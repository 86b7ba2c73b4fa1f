"""Typed codes, and what a page shows about sent codes."""

from datetime import UTC, datetime
from typing import Any

import pytest

from gateway.web.citizen.account.codes import state_of
from gateway.web.forms.form import Form, six_digits
from gateway.web.staff.sign_in import factor_of

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("123456", "123456"),
        ("123 456", "123 456"),
        ("12-34-56", "12-34-56"),
        ("۱۲۳ ۴۵۶", "123 456"),
        ("\u2066123\u00a0456\u2069", "123 456"),
        ("آپ کا کوڈ ۱۲۳۴۵۶ ہے", "123456"),
        ("123456 is your Rabta code to log in. It works until 14:05.", "123456"),
        ("123456 آپ کا رابطہ کوڈ ہے۔ یہ 14:05 بجے تک کارآمد ہے۔", "123456"),
        ("12345", "12345"),
        ("1234567", "1234567"),
        ("", ""),
        ("no code at all in these words", "no code at all in th"),
    ],
)
def test_code_is_found_in_pasted_text(typed: str, read: str) -> None:
    assert six_digits(typed) == read


def told(**more: Any) -> dict[str, Any]:
    """A challenge as the service describes it."""
    return {"sent_by": "sms", "resend_after": 0, "channels": ["sms"], "sms_after": None} | more


def test_page_shows_the_newest_code() -> None:
    sends = [
        {"channel": "sms", "sent_at": "2026-03-02T08:58:00Z", "delivered_at": "2026-03-02T08:58:04Z"},
        {"channel": "email", "sent_at": "2026-03-02T08:59:00Z", "delivered_at": None},
    ]
    state = state_of(told(sends=sends), NOW)
    assert (state["channel"], state["sent_at"], state["delivered_at"]) == ("email", "2026-03-02T08:59:00Z", None)


def test_waiting_time_is_shown_as_a_time() -> None:
    state = state_of(told(resend_after=30, sms_after=3600), NOW)
    assert f"{state['again_at']:%H:%M}" == "09:01"
    assert f"{state['sms_at']:%H:%M}" == "10:00"
    assert state_of(told(), NOW)["sms_at"] is None


def test_recovery_code_is_preferred_to_the_code_of_the_app() -> None:
    assert factor_of(Form.parse([("code", " 123 456 "), ("recovery_code", "")])) == {"code": "123 456"}
    assert factor_of(Form.parse([("code", "123456"), ("recovery_code", "ABCDE 12345")])) == {
        "recovery_code": "ABCDE 12345"
    }
