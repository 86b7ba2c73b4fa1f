"""The pages of registering: their order, and back to the check when all answers are given."""

import pytest

from gateway.web.citizen.account.registration import (
    CHECK_PATH,
    FIELDS,
    digits_in,
    next_page,
    open_fields,
    page_before,
    page_of,
)

ALL = dict.fromkeys(FIELDS, "told")


def test_each_answer_leads_to_the_next_missing_one() -> None:
    known: dict[str, str] = {}
    way = []
    for field in FIELDS:
        way.append(next_page(known))
        known[field] = "told"
    assert way == ["/register", "/register/cnic", "/register/mobile", "/register/email", "/register/address"]
    assert next_page(known) == CHECK_PATH


def test_first_missing_answer_is_asked_first() -> None:
    known = ALL | {"mobile": ""}
    assert open_fields(known) == ["mobile"]
    assert next_page(known) == page_of("mobile")


def test_back_leads_one_page_back_or_to_all_answers() -> None:
    assert page_before({}, "name") == ""
    assert page_before({"name": "told"}, "cnic") == "/register"
    assert page_before({"name": "told"}, "mobile") == "/register/cnic"
    assert page_before(ALL, "mobile") == CHECK_PATH


@pytest.mark.parametrize(("text", "digits"), [("35202-1234567-1", 13), ("۳۵۲۰۲ ۱۲۳", 8), ("none", 0)])
def test_digits_of_every_script_are_counted(text: str, digits: int) -> None:
    assert digits_in(text) == digits
