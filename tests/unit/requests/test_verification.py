"""Field errors have a pointer, a code and a text, and never the value; rules decide the state."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.catalogue.eligibility import Checks, verify
from services.requests.request.models.lifecycle import State
from shared.errors import LANGUAGES, MAX_ERRORS, field_error, say
from tests.builders import a_catalogue_entry, a_request, words
from tests.cases import cases

FORM: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["lights"],
    "properties": {
        "lights": {"type": "string", "enum": ["one", "many"]},
        "text": {"type": "string", "minLength": 3, "maxLength": 10},
        "count": {"type": "integer", "minimum": 1, "maximum": 9},
        "size": {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 9},
        "agreed": {"const": True},
        "day": {"type": "string", "format": "date"},
        "number": {
            "type": "string",
            "pattern": "^[0-9]{5}$",
            "x-messages": {"pattern": {"en": "Five digits, please.", "ur": "پانچ ہندسے لکھیں۔"}},
        },
        "list": {"type": "array", "minItems": 1, "maxItems": 2, "items": {"type": "string", "maxLength": 3}},
        "deep/~": {"type": "object", "properties": {"a": {"type": "boolean"}}, "required": ["a"]},
        "other": {"not": {"const": "SECRET"}},
    },
}
CHECKS = Checks(a_catalogue_entry(form=FORM))
FIELD_ERRORS: dict[str, tuple[dict[str, Any], str, str]] = {
    "missing": ({"lights": ...}, "/answers/lights", "required"),
    "unknown": ({"SECRET-FIELD": 1}, "/answers/SECRET-FIELD", "unknown"),
    "choice": ({"lights": "SECRET"}, "/answers/lights", "choice"),
    "const": ({"agreed": "SECRET"}, "/answers/agreed", "choice"),
    "short": ({"text": "S"}, "/answers/text", "too_short"),
    "long": ({"text": "SECRET SECRET"}, "/answers/text", "too_long"),
    "small": ({"count": 0}, "/answers/count", "too_small"),
    "big": ({"count": 10}, "/answers/count", "too_big"),
    "not above": ({"size": 0}, "/answers/size", "too_small"),
    "not below": ({"size": 9}, "/answers/size", "too_big"),
    "true is no number": ({"count": True}, "/answers/count", "type"),
    "text is no number": ({"count": "1"}, "/answers/count", "type"),
    "null": ({"text": None}, "/answers/text", "type"),
    "an operator": ({"text": {"gt": ""}}, "/answers/text", "type"),
    "no such day": ({"day": "2026-02-29"}, "/answers/day", "format"),
    "pattern": ({"number": "SECRET"}, "/answers/number", "format"),
    "pattern with a newline": ({"number": "12345\n"}, "/answers/number", "format"),
    "Urdu digits": ({"number": "۱۲۳۴۵"}, "/answers/number", "format"),
    "few": ({"list": []}, "/answers/list", "too_short"),
    "many": ({"list": ["a", "b", "c"]}, "/answers/list", "too_long"),
    "in a list": ({"list": ["a", "SECRET"]}, "/answers/list/1", "too_long"),
    "in an object": ({"deep/~": {}}, "/answers/deep~1~0/a", "required"),
    "anything else": ({"other": "SECRET"}, "/answers/other", "invalid"),
}


@cases("language", LANGUAGES)
@cases("changes, pointer, code", FIELD_ERRORS.values())
def test_field_error_has_pointer_code_and_message(
    changes: dict[str, Any], pointer: str, code: str, language: str
) -> None:
    answers = {name: value for name, value in ({"lights": "one"} | changes).items() if value is not ...}
    [error] = CHECKS.form_errors(answers, language)
    assert (error["pointer"], error["code"]) == (pointer, code)
    own = FORM["properties"].get(pointer.rpartition("/")[2], {}).get("x-messages", {}).get("pattern", {})
    assert error["message"] == own.get(language, say(f"field.{code}", "title", language))
    assert "SECRET" not in error["message"]


def test_several_mistakes_are_told_together_up_to_a_bound() -> None:
    found = CHECKS.form_errors({"text": "S", "count": 0}, "en")
    assert {error["pointer"] for error in found} == {"/answers/lights", "/answers/text", "/answers/count"}
    many = CHECKS.form_errors({f"unknown-{n}": 1 for n in range(1000)}, "en")
    assert 1 < len(many) <= MAX_ERRORS


def test_a_long_name_of_a_field_is_cut() -> None:
    errors = CHECKS.form_errors({"lights": "one", "x" * 5000: 1}, "en")
    assert len(errors[0]["pointer"]) < 100


ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from([*FORM["properties"], "x"]), ANY, max_size=6))
def test_any_answers_are_in_order_or_have_errors_that_hold_no_value(answers: dict[str, Any]) -> None:
    for error in CHECKS.form_errors(answers, "en"):
        assert set(error) == {"pointer", "code", "message"}
        assert error["pointer"].startswith("/answers")
        assert error["message"] in {say(f"field.{error['code']}", "title", "en"), "Five digits, please."}


def rule(code: str, otherwise: str, **properties: Any) -> dict[str, Any]:
    """A rule about the answers."""
    return {
        "code": code,
        "requires": {"properties": {"answers": {"properties": properties}}},
        "otherwise": otherwise,
        "passed": words(f"{code} is met"),
        "failed": words(f"{code} is not met"),
    }


RULES = [
    rule("agreed", "information_needed", agreed={"const": True}),
    rule("few", "ineligible", count={"maximum": 5}),
]


@pytest.mark.parametrize(
    ("answers", "state", "failed"),
    [
        ({"agreed": True, "count": 1}, State.VERIFYING, []),
        ({"agreed": False, "count": 1}, State.INFORMATION_NEEDED, ["agreed"]),
        ({"agreed": True, "count": 9}, State.INELIGIBLE, ["few"]),
        ({"agreed": False, "count": 9}, State.INELIGIBLE, ["agreed", "few"]),
    ],
)
def test_the_rules_decide_the_state_and_stand_in_the_history(
    answers: dict[str, Any], state: State, failed: list[str]
) -> None:
    request = a_request()
    results = verify(request, Checks(a_catalogue_entry(eligibility=RULES)), answers, verified=True)
    assert request.state is state
    assert [result.code for result in results if not result.passed] == failed
    [entry] = request.history
    assert [result["code"] for result in entry["results"]] == ["agreed", "few"]
    for result in entry["results"]:
        expected = f"{result['code']} is {'met' if result['passed'] else 'not met'}"
        assert result["words"] == words(expected)


def test_rules_see_district_and_citizen() -> None:
    requires = {
        "properties": {
            "district": {"const": "swat"},
            "citizen": {"properties": {"verified": {"const": True}}, "required": ["verified"]},
        }
    }
    entry = a_catalogue_entry(
        eligibility=[
            {
                "code": "here",
                "requires": requires,
                "otherwise": "ineligible",
                "passed": words("yes"),
                "failed": words("no"),
            }
        ]
    )
    checks = Checks(entry)
    assert checks.run_rules({}, "swat", verified=True)[0].passed
    assert not checks.run_rules({}, "kohat", verified=True)[0].passed
    assert not checks.run_rules({}, "swat", verified=False)[0].passed


def test_required_question_may_have_its_own_message() -> None:
    needed = {"en": "Say how many lamps.", "ur": "بتیوں کی تعداد بتائیں۔"}
    form = {
        **FORM,
        "properties": {**FORM["properties"], "lights": {"type": "string", "x-messages": {"required": needed}}},
    }
    checks = Checks(a_catalogue_entry(form=form))
    for language in LANGUAGES:
        [error] = checks.form_errors({}, language)
        assert (error["pointer"], error["code"], error["message"]) == ("/answers/lights", "required", needed[language])


def test_words_of_a_question_whose_schema_is_just_true_are_the_usual_ones() -> None:
    form = {**FORM, "properties": {**FORM["properties"], "list": {"items": {"items": False}}}}
    [error] = Checks(a_catalogue_entry(form=form)).form_errors({"lights": "one", "list": [[1]]}, "en")
    assert error["pointer"] == "/answers/list/0/0"


def test_a_whole_number_is_the_same_fact_however_it_was_written() -> None:
    form = a_catalogue_entry().form
    storeys = {"type": "integer", "minimum": 0, "maximum": 9, "x-routing": True}
    rules = [
        {"when": {"storeys": [2]}, "to": "works", "because": words("x")},
        {"to": "power", "because": words("x")},
    ]
    entry = a_catalogue_entry(form={**form, "properties": {**form["properties"], "storeys": storeys}}, department=rules)
    checks = Checks(entry)
    assert checks.form_errors({"lights": "one", "storeys": 2.0}, "en") == []
    facts = checks.facts({"lights": "one", "storeys": 2.0})
    assert [type(fact) for fact in facts.values()] == [str, int]
    assert entry.department_for(facts).to == "works"


@pytest.mark.parametrize("sent", [["x"] * 15_000, [["x"] * 100] * 100, [{str(n): n for n in range(2000)}]])
def test_more_answers_than_any_form_asks_for_are_not_looked_at_one_by_one(
    sent: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    form = a_catalogue_entry().form
    lamps = {"type": "array", "maxItems": 10, "items": {"type": "string", "minLength": 3}}
    checks = Checks(a_catalogue_entry(form={**form, "properties": {**form["properties"], "lamps": lamps}}))
    few = checks.form_errors({"lights": "one", "lamps": ["x", "four"]}, "en")
    assert [error["pointer"] for error in few] == ["/answers/lamps/0"]
    monkeypatch.setattr(checks, "_form", None)  # of which each value would be an error, a second for all
    many = checks.form_errors({"lights": "one", "lamps": sent}, "en")
    assert many == [field_error("/answers", "too_long", "en")]
