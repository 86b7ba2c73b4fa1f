"""A bad form is refused with the pointers of all mistakes, and no form can block a process."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.models.forms import (
    MAX_DEPTH,
    MAX_SCHEMAS,
    compile_schema,
    form_mistakes,
    schema_mistakes,
)
from shared.errors import LANGUAGES, field_errors, words
from tests.builders import a_catalogue_document
from tests.builders import words as both
from tests.cases import cases


def a_form(**properties: Any) -> dict[str, Any]:
    """A form with these questions."""
    return {"type": "object", "additionalProperties": False, "properties": properties}


WRONG: dict[str, tuple[Any, str, str]] = {
    "bound that is text": ({"type": "integer", "minimum": "ten"}, "/age/minimum", "schema"),
    "no such type": ({"type": "texte"}, "/age/type", "schema"),
    "one of the types": ({"type": ["string", "texte"]}, "/age/type", "schema"),
    "a typing error": ({"type": "string", "minLenght": 3}, "/age/minLenght", "schema_unknown"),
    "negative length": ({"type": "string", "minLength": -1}, "/age/minLength", "schema"),
    "required twice": ({"type": "object", "required": ["a", "a"]}, "/age/required", "schema"),
    "reference": ({"$ref": "#/x"}, "/age/$ref", "schema_reference"),
    "own dialect": ({"$schema": "x"}, "/age/$schema", "schema_reference"),
    "definitions": ({"definitions": {}}, "/age/definitions", "schema_reference"),
    "broken pattern": ({"pattern": "(", "x-messages": {"pattern": both("x")}}, "/age/pattern", "schema_pattern"),
    "looks ahead": ({"pattern": "(?=a)b", "x-messages": {"pattern": both("x")}}, "/age/pattern", "schema_pattern"),
    "repeats itself": ({"pattern": r"(a)\1", "x-messages": {"pattern": both("x")}}, "/age/pattern", "schema_pattern"),
    "too long": ({"pattern": "a" * 301, "x-messages": {"pattern": both("x")}}, "/age/pattern", "schema_pattern"),
    "pattern without words": ({"pattern": "^a$"}, "/age/x-messages", "form_pattern_words"),
    "no such format": ({"type": "string", "format": "dtae"}, "/age/format", "schema_format"),
    "words in one language": ({"minLength": 1, "x-messages": {"minLength": {"en": "x"}}}, "/age/x-messages/minLength",
                              "form_words"),
    "empty words": ({"minLength": 1, "x-messages": {"minLength": {"en": "x", "ur": ""}}}, "/age/x-messages/minLength",
                    "form_words"),
    "words for no rule": ({"type": "string", "x-messages": {"maxLength": both("x")}}, "/age/x-messages/maxLength",
                          "form_words_unused"),
    "title in one language": ({"x-title": "Age"}, "/age/x-title", "form_words"),
    "a choice without words": ({"enum": ["a", "b"], "x-options": {"a": both("x")}}, "/age/x-options", "form_words"),
    "words for no choice": ({"enum": ["a"], "x-options": {"a": both("x"), "b": both("x")}}, "/age/x-options/b",
                            "form_words_unused"),
    "below a list": ({"items": {"anyOf": [True, {"maximum": "x"}]}}, "/age/items/anyOf/1/maximum", "schema"),
    "in a map": ({"properties": {"a/b": {"maximum": "x"}}}, "/age/properties/a~1b/maximum", "schema"),
    "an empty choice of schemas": ({"anyOf": []}, "/age/anyOf", "schema"),
    "not a schema": ({"items": 7}, "/age/items", "schema"),
    "routing by a number that can be a CNIC": (
        {"type": "integer", "minimum": 0, "maximum": 9_999_999_999_999, "x-routing": True}, "/age/x-routing",
        "form_routing"),
    "routing by text": ({"type": "string", "x-routing": True}, "/age/x-routing", "form_routing"),
}  # fmt: skip


@cases("question, pointer, code", WRONG.values())
def test_a_mistake_is_named_by_its_pointer(question: dict[str, Any], pointer: str, code: str) -> None:
    found = form_mistakes(a_form(age=question))
    assert [(mistake.pointer, mistake.code) for mistake in found] == [(f"/form/properties{pointer}", code)]
    for language in LANGUAGES:
        assert words()[f"field.{code}"]["title"][language]


def test_several_mistakes_are_named_at_once_in_both_languages() -> None:
    form = a_form(age={"type": "integer", "minimum": "ten"}, name={"type": "string", "x-title": "Name"})
    rule = {"code": "rule", "otherwise": "ineligible", "passed": both("a"), "failed": both("b")}
    document = a_catalogue_document(
        form={**form, "required": ["gone"]},
        eligibility=[{**rule, "requires": {"maximum": "x"}}, {**rule, "requires": {}}],
    )
    with pytest.raises(ValidationError) as caught:
        CatalogueEntry.model_validate(document)
    found = {language: field_errors(list(caught.value.errors()), language) for language in LANGUAGES}
    assert [error["pointer"] for error in found["en"]] == [
        "/form/properties/age/minimum",
        "/form/properties/name/x-title",
        "/form/required",
        "/eligibility/0/requires/maximum",
        "/eligibility/1/code",
    ]
    assert [error["code"] for error in found["en"]] == [error["code"] for error in found["ur"]]
    assert all(one["message"] != other["message"] for one, other in zip(found["en"], found["ur"], strict=True))


def test_a_missing_answer_is_named_by_its_pointer() -> None:
    document = a_catalogue_document(name={"en": "x"}, due={"days": 0, "calendar": "lunar"})
    with pytest.raises(ValidationError) as caught:
        CatalogueEntry.model_validate(document)
    pointers = [error["pointer"] for error in field_errors(list(caught.value.errors()), "en")]
    assert pointers == ["/name/ur", "/due/days", "/due/calendar"]


def test_a_form_that_is_too_deep_or_too_large_is_refused_quickly() -> None:
    deep: dict[str, Any] = {"type": "string"}
    for _ in range(MAX_DEPTH + 1):
        deep = {"items": deep}
    wide = a_form(**{f"field{n}": {"type": "string"} for n in range(MAX_SCHEMAS + 1)})
    for form in (a_form(a=deep), wide):
        assert [(m.pointer, m.code) for m in form_mistakes(form)] == [("/form", "schema_size")]


@pytest.mark.parametrize("pattern", ["^(a+)+$", "^(a|a)*$", "^(([a-z])+.)+[A-Z]([a-z])+$", "^(a?){50}a{50}$"])
def test_no_pattern_takes_long(pattern: str) -> None:
    validator = compile_schema({"pattern": pattern})
    started = time.perf_counter()
    validator.is_valid("a" * 30_000 + "!")
    assert time.perf_counter() - started < 1.0


KEYWORDS = st.sampled_from(
    ["type", "properties", "items", "enum", "required", "pattern", "anyOf", "minimum", "x-messages", "x-options",
     "x-title", "format", "not", "patternProperties", "dependentSchemas", "$ref", "x-routing", "nonsense", "a"]
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(KEYWORDS, below, max_size=3),
    max_leaves=12,
)


@given(JSON)
def test_every_entry_is_refused_by_pointer_or_usable(schema: Any) -> None:
    found = schema_mistakes(schema, "/form")
    assert all(mistake.pointer.startswith("/form") for mistake in found)
    if not found and isinstance(schema, dict):
        compile_schema(schema).is_valid({"a": 1})
    if isinstance(schema, dict):
        form_mistakes(schema)
