"""What a clerk types to find a citizen."""

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
def test_mobile_is_recognised_by_its_beginning(typed: str) -> None:
    assert kind_of(typed) == "mobile"


@pytest.mark.parametrize(
    "typed", ["35202-1234567-2", "3520212345672", "۳۵۲۰۲۱۲۳۴۵۶۷۲", "17301 1234567 1", "352021234567"]
)
def test_other_numbers_are_cnics(typed: str) -> None:
    assert kind_of(typed) == "cnic"
