"""Error messages of answers say how to correct them."""

import pytest

from gateway.web.forms.errors import field_messages
from gateway.web.forms.steps import ServiceForm
from gateway.web.words import Translator
from services.requests.catalogue.eligibility import Checks
from shared.errors import FieldError, field_error
from tests.cases import cases
from tests.unit.gateway.web.services_forms import ENTRIES, FORMS, SAMPLES

LAMP = FORMS["street-light-out"]


def told(code: str, pointer: str, answers: dict[str, object] | None = None, form: ServiceForm = LAMP) -> str:
    """The English message for one error."""
    [message] = field_messages([field_error(pointer, code, "en")], form, answers or {}, Translator("en")).values()
    return message


@pytest.mark.parametrize(
    ("service", "question", "code", "words"),
    [
        ("street-light-out", "problem", "required", "What is wrong: choose an answer"),
        ("street-light-out", "place", "required", "Where it is: write an answer"),
        ("street-light-out", "place", "too_short", "Where it is: write at least 5 letters"),
        ("street-light-out", "place", "too_long", "Where it is: shorten it to 200 letters"),
        ("street-light-out", "problem", "choice", "What is wrong: choose an answer"),
        ("no-water-supply", "hours_without", "required", "Hours without water: write a number"),
        ("no-water-supply", "hours_without", "too_big", "Hours without water: write a number from 0 to 2,000"),
        ("no-water-supply", "hours_without", "type", "Hours without water: write a whole number in digits, such as 3"),
        ("electricity-connection", "load_kw", "type",
         "Load you need in kilowatts: write a number in digits, such as 2.5"),
        ("electricity-connection", "arrears", "required",
         "An unpaid electricity bill stands against this property: choose yes or no"),
        ("birth-certificate", "date_of_birth", "required", "Date of birth: give the day, month and year"),
    ],
)  # fmt: skip
def test_message_names_the_question_and_its_limits(service: str, question: str, code: str, words: str) -> None:
    assert told(code, f"/answers/{question}", form=FORMS[service]) == words


def test_message_of_the_catalogue_is_shown_unchanged() -> None:
    error: FieldError = {"pointer": "/answers/description", "code": "too_short", "message": "Describe it."}
    assert field_messages([error], LAMP, {}, Translator("en")) == {"answers.description": "Describe it."}


def test_invalid_and_unreadable_dates_have_different_messages() -> None:
    form, error = FORMS["birth-certificate"], field_error("/answers/date_of_birth", "format", "en")
    error["message"] = "There is no such date."
    read = field_messages([error], form, {"date_of_birth": "2026-02-31"}, Translator("en"))
    unread = field_messages([error], form, {"date_of_birth": "26-March-"}, Translator("en"))
    assert read["answers.date_of_birth"] == "There is no such date."
    assert (
        unread["answers.date_of_birth"] == "Date of birth: write day, month and year in numbers, such as 9, 3 and 2026"
    )


def test_first_error_of_a_field_counts() -> None:
    assert told("required", "/place/district") == told("district_unclear", "/place/district") == "Choose the district"
    errors = [field_error("/answers/place", code, "en") for code in ("required", "too_short")]
    assert field_messages(errors, LAMP, {}, Translator("en")) == {"answers.place": "Where it is: write an answer"}


@cases("code", SAMPLES)
@cases("language", ["en", "ur"])
def test_every_missing_answer_has_a_message(code: str, language: str) -> None:
    errors = Checks(ENTRIES[code]).form_errors({}, language)
    found = field_messages(errors, FORMS[code], {}, Translator(language))
    assert found.keys() == {f"answers.{name}" for name in FORMS[code].entry["form"]["required"]}
