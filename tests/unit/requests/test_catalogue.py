"""The catalogue's files are valid, mistakes are reported by file and path, and each rule works as described."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import ValidationError

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.files import read_entries
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.tables import districts
from services.requests.settings import RequestsSettings
from services.routing.files import read_departments
from services.routing.settings import RoutingSettings
from tests.builders import a_catalogue_document, a_catalogue_entry, words
from tests.cases import cases
from tests.unit.requests.samples import SAMPLES

FOLDER: Path = RequestsSettings.model_fields["catalogue_dir"].default
DEPARTMENTS: Path = RoutingSettings.model_fields["departments_dir"].default
ENTRIES = read_entries(FOLDER)
FAILURES = [(code, rule) for code, sample in SAMPLES.items() for rule in sample["fails"]]
URDU = re.compile(r"[\u0600-\u06ff]")


def test_every_file_is_read() -> None:
    assert len(ENTRIES) == len(list(FOLDER.glob("*.yaml"))) >= 30
    assert {entry.kind for entry in ENTRIES.values()} == {"application", "complaint"}


def test_every_service_has_a_sample_for_each_rule() -> None:
    assert SAMPLES.keys() == ENTRIES.keys()
    for code, entry in ENTRIES.items():
        assert set(SAMPLES[code]["fails"]) == {rule.code for rule in entry.eligibility}


@cases("entry", ENTRIES.values())
def test_an_entry_leads_to_departments_and_districts_that_exist(entry: CatalogueEntry) -> None:
    known = {department.code for department in read_departments(DEPARTMENTS)}
    assert {rule.to for rule in entry.department} <= known
    assert set(entry.districts) <= districts().keys()


@cases("entry", ENTRIES.values())
def test_entry_has_urdu_texts(entry: CatalogueEntry) -> None:
    for path, text in words_of(entry.model_dump()):
        assert set(text) == {"en", "ur"} or path.startswith("/charter/documents"), path
        assert URDU.search(text["ur"]), path
        assert text["en"].isascii() or not URDU.search(text["en"]), path


@cases("entry", ENTRIES.values())
def test_a_form_explains_its_fields_and_choices(entry: CatalogueEntry) -> None:
    properties = entry.form["properties"]
    assert set(entry.form.get("required", [])) <= properties.keys()
    for name, schema in properties.items():
        assert "x-title" in schema, name
        if "enum" in schema:
            assert schema["x-options"].keys() == set(schema["enum"]), name
        if schema.get("type") == "string" and "enum" not in schema:
            assert schema.get("maxLength", 9999) <= 2000 or "pattern" in schema, name
        if schema.get("x-routing"):
            assert name in entry.fact_names, name


def words_of(value: Any, path: str = "") -> list[tuple[str, dict[str, str]]]:
    """Every {"en", "ur"} in an entry, with its path."""
    if isinstance(value, dict):
        if {"en", "ur"} & value.keys():
            return [(path, value)]
        return [found for key, item in value.items() for found in words_of(item, f"{path}/{key}")]
    if isinstance(value, list):
        return [found for place, item in enumerate(value) for found in words_of(item, f"{path}/{place}")]
    return []


@cases("code", SAMPLES)
def test_a_valid_sample_passes(code: str) -> None:
    checks = Checks(ENTRIES[code])
    assert checks.form_errors(SAMPLES[code]["valid"], "en") == []
    results = checks.run_rules(SAMPLES[code]["valid"], "peshawar", verified=True)
    assert [result.code for result in results if not result.passed] == []
    assert all(result.words["en"] and URDU.search(result.words["ur"]) for result in results)


@cases("code, rule", FAILURES)
def test_each_rule_fails_alone_with_words_to_act_on(code: str, rule: str) -> None:
    checks = Checks(ENTRIES[code])
    answers = SAMPLES[code]["valid"] | SAMPLES[code]["fails"][rule]
    district = answers.pop("@district", "peshawar")
    assert checks.form_errors(answers, "en") == []
    failed = [result for result in checks.run_rules(answers, district, verified=True) if not result.passed]
    assert [result.code for result in failed] == [rule]
    assert failed[0].words["en"]
    assert URDU.search(failed[0].words["ur"])
    passed = next(one for one in ENTRIES[code].eligibility if one.code == rule).passed
    assert failed[0].words["en"] != passed.en


MISTAKES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown key": ({"colour": "red"}, "colour"),
    "no Urdu": ({"name": {"en": "Street light"}}, "name.ur"),
    "both limits": ({"due": {"days": 1, "hours": 2, "calendar": "working"}}, "either days or hours"),
    "no limit": ({"due": {"calendar": "working"}}, "either days or hours"),
    "no such calendar": ({"due": {"days": 1, "calendar": "lunar"}}, "due.calendar"),
    "zero days": ({"due": {"days": 0, "calendar": "working"}}, "due.days"),
    "code in capitals": ({"code": "Street-Light"}, "code"),
    "no department": ({"department": []}, "department"),
    "no last rule": (
        {"department": [{"when": {"district": ["swat"]}, "to": "power", "because": words("x")}]},
        "/department/0/when: rule_last",
    ),
    "routing by free text": (
        {
            "department": [
                {"when": {"description": ["x"]}, "to": "power", "because": words("x")},
                {"to": "power", "because": words("x")},
            ]
        },
        "/department/0/when/description: rule_fact",
    ),
    "open form": ({"form": {"type": "object", "properties": {}}}, "/form: form_open"),
    "form of a list": ({"form": {"type": "array", "additionalProperties": False}}, "/form: form_open"),
    "bad schema": (
        {"form": {"type": "object", "additionalProperties": False, "properties": {"a": {"type": "texte"}}}},
        "/form/properties/a/type: schema",
    ),
    "bad pattern": (
        {"form": {"type": "object", "additionalProperties": False, "properties": {"a": {"pattern": "("}}}},
        "/form/properties/a/pattern: schema_pattern",
    ),
    "reference outwards": (
        {
            "form": {
                "type": "object",
                "additionalProperties": False,
                "properties": {"a": {"$ref": "file:///etc/passwd"}},
            }
        },
        "/form/properties/a/$ref: schema_reference",
    ),
    "bad rule": (
        {
            "eligibility": [
                {
                    "code": "rule",
                    "requires": {"minimum": "x"},
                    "otherwise": "ineligible",
                    "passed": words("a"),
                    "failed": words("b"),
                }
            ]
        },
        "/eligibility/0/requires/minimum: schema",
    ),
    "rule without words": (
        {"eligibility": [{"code": "rule", "requires": {}, "otherwise": "ineligible", "passed": words("a")}]},
        "eligibility.0.failed",
    ),
}


@pytest.mark.parametrize(("changes", "path"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_mistake_is_named_by_its_file_and_path(tmp_path: Path, changes: dict[str, Any], path: str) -> None:
    document = a_catalogue_document(**changes)
    (tmp_path / "street-light-out.yaml").write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    with pytest.raises(ValueError, match=r"street-light-out\.yaml") as caught:
        read_entries(tmp_path)
    assert path in str(caught.value)


@pytest.mark.parametrize("text", ["a: [", "- a\n- b", "", "just text", "\x00", "a: !!python/object:os.system {}"])
def test_a_file_that_is_no_entry_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "broken.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match=r"broken\.yaml"):
        read_entries(tmp_path)


def test_a_file_is_named_like_its_code(tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(yaml.safe_dump(a_catalogue_document()), encoding="utf-8")
    with pytest.raises(ValueError, match=r"other\.yaml: its code is street-light-out"):
        read_entries(tmp_path)


def test_a_service_may_declare_what_happens_once_it_is_late() -> None:
    after = {"days": 5, "calendar": "working"}
    due = {"days": 3, "calendar": "working", "escalate": [{"to": "head"}, {"to": "organisation", "after": after}]}
    assert a_catalogue_entry(due=due).due.model_dump(exclude_none=True) == due
    with pytest.raises(ValidationError):
        a_catalogue_entry(due={**due, "escalate": [{"to": "minister"}]})


def test_facts_are_closed_answers_only() -> None:
    form = {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "choice": {"type": "string", "enum": ["a"], "x-routing": True},
            "count": {"type": "integer", "minimum": 0, "maximum": 9, "x-routing": True},
            "flag": {"type": "boolean", "x-routing": True},
            "text": {"type": "string"},
            "kept": {"type": "boolean"},
        },
    }
    entry = a_catalogue_entry(form=form)
    assert entry.fact_names == ["choice", "count", "flag"]
    answers = {"choice": "a", "flag": True, "text": "my name", "kept": True}
    assert Checks(entry).facts(answers) == {"choice": "a", "flag": True}


@pytest.mark.parametrize(
    "question",
    [
        {"type": "string", "x-routing": True},
        {"type": "number", "x-routing": True},
        {"type": "integer", "x-routing": True},
        {"enum": [{"x": 1}, None, 1.5], "x-routing": True},
        {"type": "string", "x-messages": "hey"},
        {"type": "string", "x-messages": {"maxLength": "hey"}},
        {"type": "string", "x-messages": None},
        True,
        False,
    ],
)
def test_unusable_question_is_refused_at_publication(question: object) -> None:
    form = {"type": "object", "additionalProperties": False, "properties": {"asked": question}}
    with pytest.raises(ValueError, match="/properties/asked"):
        a_catalogue_entry(form=form)
