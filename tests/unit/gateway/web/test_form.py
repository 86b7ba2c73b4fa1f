"""A form keeps the typed text, and its key only while the outcome is unknown."""

import pytest

from gateway.web.forms.form import Form, refusal_text
from gateway.web.portal import RefusedError

KEY = "0123456789abcdef" * 2


def refused(status: int, *pointers: str) -> RefusedError:
    """A refusal with errors of fields."""
    errors = [{"pointer": pointer, "code": "x", "message": f"about {pointer}"} for pointer in pointers]
    return RefusedError(status, "invalid", "Title", "Detail", errors)  # type: ignore[arg-type]


def test_fields_exclude_our_own() -> None:
    form = Form.parse([("name", " Gul "), ("_token", "t"), ("_key", KEY), ("kind", "a"), ("kind", "b"), ("_show", "1")])
    assert form.value("name") == "Gul"
    assert form.values("kind") == ["a", "b"]
    assert form.value("kind") == "b"
    assert (form.token, form.key, form.show, form.submitted) == ("t", KEY, True, True)
    assert [name for name, _ in form.fields] == ["name", "kind", "kind"]


def test_values_are_normalised_and_passwords_are_not() -> None:
    form = Form.parse([("note", " \ufeffa\u202elamp\r\n"), ("password", " \ufeffa ")])
    assert (form.value("note"), form.values("note")) == ("alamp", ["alamp"])
    assert form.raw("password") == " \ufeffa "


@pytest.mark.parametrize("key", ["", "short", "x" * 32, KEY + "0", "ABCDEF0123456789ABCDEF0123456789", "\r\nX: y"])
def test_foreign_key_is_replaced(key: str) -> None:
    form = Form.parse([("_key", key)])
    assert form.key != key
    assert len(form.key) == 32


def test_prefill_does_not_change_a_submitted_form() -> None:
    shown, typed = Form(), Form.parse([("name", "mine")])
    for form in (shown, typed):
        form.prefill({"name": "kept", "email": None})
    assert (shown.value("name"), typed.value("name"), shown.value("email")) == ("kept", "mine", "")


def test_refusal_becomes_errors_of_its_fields() -> None:
    form = Form()
    form.refuse(refused(422, "/cnic", "/place/district", "/mobile"), {"/mobile": "phone"})
    assert form.errors == {"cnic": "about /cnic", "place.district": "about /place/district", "phone": "about /mobile"}
    assert form.failed
    assert not form.general_error


def test_refusal_without_fields_is_a_general_error() -> None:
    form = Form()
    form.refuse(refused(401))
    assert form.general_error == "Title. Detail"


def test_titles_become_sentences() -> None:
    urdu = RefusedError(422, "x", "پاس ورڈ درست نہیں", "دوبارہ لکھیں۔")
    assert refusal_text(urdu) == "پاس ورڈ درست نہیں۔ دوبارہ لکھیں۔"
    assert refusal_text(RefusedError(422, "x", "Is it done?", "Look.")) == "Is it done? Look."
    assert refusal_text(RefusedError(422, "x", "Done", "")) == "Done"


def test_problem_code_of_one_field_becomes_its_error() -> None:
    form = Form()
    form.refuse(RefusedError(422, "password-wrong", "Wrong", "Type it again."), {"password-wrong": "password"})
    assert form.errors == {"password": "Wrong. Type it again."}
    assert not form.general_error


@pytest.mark.parametrize("status", [422, 409])
def test_a_refused_form_gets_a_new_key(status: int) -> None:
    form = Form.parse([("_key", KEY)])
    form.refuse(refused(status))
    assert form.key != KEY


@pytest.mark.parametrize("status", [500, 503, 504])
def test_the_key_stays_if_the_outcome_is_unknown(status: int) -> None:
    form = Form.parse([("_key", KEY)])
    with pytest.raises(RefusedError):
        form.refuse(refused(status))
    assert form.key == KEY


@pytest.mark.parametrize("code", ["unauthenticated", "enrolment-needed"])
def test_ended_session_is_no_error_of_the_form(code: str) -> None:
    form = Form()
    with pytest.raises(RefusedError):
        form.refuse(RefusedError(401, code, "Title", "Detail"))
    assert not form.failed


def test_line_end_counts_as_one_character() -> None:
    assert Form.parse([("words", "one\r\ntwo\r\n\r\nthree")]).value("words") == "one\ntwo\n\nthree"
