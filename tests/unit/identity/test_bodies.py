"""Bodies are parsed strictly."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.identity.accounts.api.bodies import CodeBody, LoginBody, RegistrationBody
from services.identity.citizens.api.passwords import ResetAnswer
from services.identity.citizens.api.registrations import PendingAnswer
from services.identity.codes.service.codes import Pending
from services.identity.sessions.api.sessions import NextStepAnswer
from services.identity.staff.api.staff_bodies import OfficerBody
from tests.body_examples import bodies
from tests.cases import cases

EXAMPLE, OFFICER = bodies("identity")["RegistrationBody"], bodies("identity")["OfficerBody"]


def wrong_fields(body: dict[str, Any]) -> dict[str, str]:
    """The wrong fields of a refused registration, with the code of each error."""
    with pytest.raises(ValidationError) as refused:
        RegistrationBody.model_validate(body)
    return {str(error["loc"][0]): error["type"] for error in refused.value.errors()}


def test_the_example_is_read_into_its_normal_spelling() -> None:
    body = RegistrationBody.model_validate(EXAMPLE)
    assert (body.cnic, body.mobile, body.language) == ("3520212345672", "+923001234567", "ur")
    assert body.password not in repr(body)


@cases(
    "change, kind",
    [
        ({"cnic": "35202"}, "cnic"),
        ({"mobile": "042 35761234"}, "mobile"),
        ({"email": "nobody"}, "email"),
        ({"name": "www.example"}, "name"),
        ({"address": "\u202e\u0007"}, "words_needed"),
        ({"address": "\u200c \u200d"}, "words_needed"),
        ({"address": " - "}, "words_needed"),
        ({"password": "password1"}, "password"),
        ({"password": "Ayesha99"}, "password"),
        ({"password": "0300-1234567 is mine"}, "password"),
        ({"language": "fr"}, "literal_error"),
        ({"name": 7}, "string_type"),
        ({"cnic": {"$gt": ""}}, "string_type"),
        ({"cnic": None}, "string_type"),
        ({"role": "admin"}, "extra_forbidden"),
        ({"verified": True}, "extra_forbidden"),
        ({"_id": "x"}, "extra_forbidden"),
        ({"name": "x" * 201}, "string_too_long"),
    ],
)
def test_one_wrong_field_is_named(change: dict[str, Any], kind: str) -> None:
    assert wrong_fields(EXAMPLE | change) == {next(iter(change)): kind}


def test_every_missing_field_is_named() -> None:
    needed = EXAMPLE.keys() - {"language"}
    assert wrong_fields({}) == dict.fromkeys(needed, "missing")


@pytest.mark.parametrize("code", ["12345", "1234567", "abcdef", "", "123456７", "½23456"])
def test_a_code_has_six_digits(code: str) -> None:
    with pytest.raises(ValidationError):
        CodeBody.model_validate({"code": code})


@pytest.mark.parametrize(
    "typed", ["۰۱۲ ۳۴۵", "０１２３４５", "०१२-३४५", "\u2066012345\u2069", "012345\n", "012\u00a0345"]
)
def test_a_code_may_be_written_in_digits_of_any_script(typed: str) -> None:
    assert CodeBody.model_validate({"code": typed}).code == "012345"


def test_an_officer_is_read() -> None:
    assert OfficerBody.model_validate(OFFICER).department == "water"
    assert OfficerBody.model_validate(OFFICER | {"role": "admin", "department": None}).department is None


@pytest.mark.parametrize(
    "change",
    [
        {"role": "citizen"},
        {"role": "admin"},
        {"department": None},
        {"department": "Water!"},
        {"login": "35202-1234567-1"},
        {"login": "Officer"},
        {"password": "officer.water"},
        {"disabled": False},
    ],
)
def test_invalid_officer_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        OfficerBody.model_validate(OFFICER | change)


def test_a_login_needs_both() -> None:
    with pytest.raises(ValidationError):
        LoginBody.model_validate({"login": "x", "password": ""})


def test_answer_has_the_time_of_the_next_sms_only_at_the_limit() -> None:
    by_email = Pending("id", 30, ("email",), "email", 4000)
    answers = (kind.model_validate(by_email, from_attributes=True) for kind in (PendingAnswer, ResetAnswer))
    for told in (*answers, NextStepAnswer.of(by_email)):
        assert (told.sent_by, told.channels, told.sms_after) == ("email", ["email"], 4000)
    assert PendingAnswer.model_validate(Pending("id", 30), from_attributes=True).sms_after is None
