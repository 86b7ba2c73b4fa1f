"""A form: what was typed stays, and the key stays only while nobody knows what became of it."""

import pytest

from gateway.web.forms.form import Form, refusal_text
from gateway.web.portal import RefusedError

KEY = "0123456789abcdef" * 2


def refused(status: int, *pointers: str) -> RefusedError:
    """A refusal that names fields."""
    errors = [{"pointer": pointer, "code": "x", "message": f"about {pointer}"} for pointer in pointers]
    return RefusedError(status, "invalid", "Title", "Detail", errors)  # type: ignore[arg-type]


def test_what_was_typed_is_read_without_our_own_fields() -> None:
    form = Form.parse([("name", " Gul "), ("_token", "t"), ("_key", KEY), ("kind", "a"), ("kind", "b"), ("_show", "1")])
    assert form.value("name") == "Gul"
    assert form.values("kind") == ["a", "b"]
    assert form.value("kind") == "b"
    assert (form.token, form.key, form.show, form.submitted) == ("t", KEY, True, True)
    assert [name for name, _ in form.fields] == ["name", "kind", "kind"]


def test_a_value_is_what_the_services_will_keep_and_a_password_stays_as_it_is() -> None:
    form = Form.parse([("note", " \ufeffa\u202elamp\r\n"), ("password", " \ufeffa ")])
    assert (form.value("note"), form.values("note")) == ("alamp", ["alamp"])
    assert form.raw("password") == " \ufeffa "


@pytest.mark.parametrize("key", ["", "short", "x" * 32, KEY + "0", "ABCDEF0123456789ABCDEF0123456789", "\r\nX: y"])
def test_a_key_that_is_not_ours_is_replaced(key: str) -> None:
    form = Form.parse([("_key", key)])
    assert form.key != key
    assert len(form.key) == 32


def test_values_from_before_fill_only_a_form_that_nobody_typed() -> None:
    shown, typed = Form(), Form.parse([("name", "mine")])
    for form in (shown, typed):
        form.prefill({"name": "kept", "email": None})
    assert (shown.value("name"), typed.value("name"), shown.value("email")) == ("kept", "mine", "")


def test_a_refusal_lands_at_its_fields() -> None:
    form = Form()
    form.refuse(refused(422, "/cnic", "/place/district", "/mobile"), {"/mobile": "phone"})
    assert form.errors == {"cnic": "about /cnic", "place.district": "about /place/district", "phone": "about /mobile"}
    assert form.failed
    assert not form.general_error


def test_a_refusal_without_fields_is_told_above_the_form() -> None:
    form = Form()
    form.refuse(refused(401))
    assert form.general_error == "Title. Detail"


def test_titles_become_sentences_in_either_language() -> None:
    urdu = RefusedError(422, "x", "پاس ورڈ درست نہیں", "دوبارہ لکھیں۔")
    assert refusal_text(urdu) == "پاس ورڈ درست نہیں۔ دوبارہ لکھیں۔"
    assert refusal_text(RefusedError(422, "x", "Is it done?", "Look.")) == "Is it done? Look."
    assert refusal_text(RefusedError(422, "x", "Done", "")) == "Done"


def test_a_refusal_that_is_about_one_field_lands_there() -> None:
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
def test_a_session_that_is_over_is_no_fault_of_the_form(code: str) -> None:
    form = Form()
    with pytest.raises(RefusedError):
        form.refuse(RefusedError(401, code, "Title", "Detail"))
    assert not form.failed


def test_the_end_of_a_line_counts_as_one_sign() -> None:
    assert Form.parse([("words", "one\r\ntwo\r\n\r\nthree")]).value("words") == "one\ntwo\n\nthree"
