"""What a clerk types to find somebody."""

import pytest

from gateway.web.counter.finding import kind_of


@pytest.mark.parametrize(
    "typed",
    [
        "0300 1234567",
        "+92 300 1234567",
        "00923001234567",
        "923001234567",
        "۰۳۰۰۱۲۳۴۵۶۷",
        "3001234567",
        "\u2066+92 300 1234567\u2069",
    ],
)
def test_a_mobile_is_known_by_how_it_begins(typed: str) -> None:
    assert kind_of(typed) == "mobile"


@pytest.mark.parametrize(
    "typed", ["35202-1234567-2", "3520212345672", "۳۵۲۰۲۱۲۳۴۵۶۷۲", "17301 1234567 1", "352021234567"]
)
def test_everything_else_is_a_cnic(typed: str) -> None:
    assert kind_of(typed) == "cnic"
