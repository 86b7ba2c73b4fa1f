"""Every question of the catalogue has a field, texts in both languages, and exactly one page."""

from typing import Any

import pytest

from gateway.web.forms.schema import kind_of, note_of
from gateway.web.forms.steps import DISTRICT, LATITUDE, PAGE_SIZE, PLACE, ServiceForm
from tests.unit.gateway.web.services_forms import FORMS

EVERY = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)


@EVERY
def test_every_question_has_texts_in_both_languages(form: ServiceForm) -> None:
    assert len(form.questions) == len(form.entry["form"]["properties"])
    for question in form.questions:
        for language in ("en", "ur"):
            assert question.title[language]
            assert question.hint is None or question.hint[language]
            assert all(option.label[language] for option in question.options)


@EVERY
def test_every_question_has_a_fitting_field(form: ServiceForm) -> None:
    for question in form.questions:
        schema = form.entry["form"]["properties"][question.name]
        assert question.required == (question.name in form.entry["form"]["required"])
        assert (question.kind in ("choice", "list")) == ("enum" in schema)
        assert bool(question.options) == (question.kind in ("choice", "list", "yes"))
        assert len({option.value for option in question.options}) == len(question.options)
        assert (question.kind == "date") == (schema.get("format") == "date")
        assert (question.kind == "number") == (schema["type"] in ("integer", "number"))


@EVERY
def test_every_question_is_on_exactly_one_page(form: ServiceForm) -> None:
    assert [question for step in form.steps for question in step.questions] == list(form.questions)
    assert [step.number for step in form.steps] == list(range(1, len(form.steps) + 1))
    assert len(form.steps) <= 5
    for step in form.steps:
        assert len(step.questions) <= PAGE_SIZE
        if any(question.kind == "text" for question in step.questions):
            assert len(step.questions) == 1
    for question in form.questions:
        found = form.step_of(question.field)
        assert found is not None
        assert question in found.questions
        assert form.question(question.field) == question


@EVERY
def test_district_is_asked_once_and_location_with_the_place(form: ServiceForm) -> None:
    asked = [step for step in form.steps if step.district]
    located = [step for step in form.steps if step.location]
    placed = any(question.name == PLACE for question in form.questions)
    assert len(asked) == 1
    assert form.step_of(DISTRICT) == asked[0]
    assert located == (asked if placed else [])
    assert (form.step_of(LATITUDE) is not None) == placed


@pytest.mark.parametrize(
    ("schema", "kind"),
    [
        ({"type": "string"}, "line"),
        ({"type": "string", "maxLength": 300}, "line"),
        ({"type": "string", "maxLength": 301}, "text"),
        ({"type": "boolean"}, "yes"),
        ({"type": "integer"}, "number"),
        ({"type": "integer", "enum": [1, 2]}, "choice"),
        ({"type": "string", "enum": list("abcdefg")}, "list"),
        ({"type": "string", "format": "date"}, "date"),
        ({"type": "array"}, "line"),
        ({}, "line"),
    ],
)
def test_kind_of_a_question(schema: dict[str, Any], kind: str) -> None:
    assert kind_of(schema) == kind


def note(service: str, question: str, value: str) -> str:
    """The English note beside an option."""
    asked = next(one for one in FORMS[service].questions if one.name == question)
    found = next(option for option in asked.options if option.value == value).note
    return found["en"] if found else ""


def test_option_that_fails_a_rule_or_changes_the_department_has_a_note() -> None:
    assert note("illegal-parking", "problem", "overcharged").startswith("Local government lets the car parks")
    assert note("illegal-parking", "problem", "footpath") == ""
    assert note("hospital-waiting", "hospital_type", "private").startswith("This service is for government hospitals.")
    assert note("encroachment", "stands_on", "private-land").startswith("A dispute about private land")
    assert note("encroachment", "stands_on", "drain").startswith("A drain that is built over")
    assert note("fir-registration", "happening_now", "yes").startswith("Call 15 now.")
    assert note("fir-registration", "happening_now", "no") == ""


def test_rule_about_several_answers_gives_no_note() -> None:
    assert note("domicile-certificate", "basis", "residence") == ""
    rules: dict[str, Any] = {
        "department": [{"when": {"a": ["x"], "b": ["y"]}, "to": "works", "because": {"en": "b", "ur": "b"}}],
        "eligibility": [
            {"requires": {"properties": {"answers": {"properties": {"a": {"minLength": 3}}}}}, "failed": {}},
            {"requires": {"properties": {"answers": {"required": ["b"]}}}, "failed": {}},
            {"requires": {"properties": {"citizen": {}}}, "failed": {}},
            {"requires": {"not": {}}, "failed": {}},
        ],
    }
    assert note_of("a", "x", rules) is None
