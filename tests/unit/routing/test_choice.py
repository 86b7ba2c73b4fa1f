"""Ordered rules: the first match decides, and values are compared by type too."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.catalogue.files import read_entries
from services.requests.settings import RequestsSettings
from services.routing.files import read_departments
from services.routing.models.directory import choose
from services.routing.settings import RoutingSettings
from tests.builders import words
from tests.cases import cases

RULES = [
    {"when": {"district": ["swat"], "lights": ["many"]}, "to": "a", "because": words("both")},
    {"when": {"district": ["swat", "kohat"]}, "to": "b", "because": words("district")},
    {"when": {"count": [1]}, "to": "c", "because": words("count")},
    {"when": {"flag": [True]}, "to": "d", "because": words("flag")},
    {"to": "z", "because": words("all others")},
]
CASES: list[tuple[dict[str, Any], str]] = [
    ({"district": "swat", "lights": "many"}, "a"),
    ({"district": "swat", "lights": "one"}, "b"),
    ({"district": "swat"}, "b"),
    ({"district": "kohat", "lights": "many"}, "b"),
    ({"count": 1}, "c"),
    ({"count": True}, "z"),
    ({"count": 1.0}, "z"),
    ({"count": "1"}, "z"),
    ({"flag": True}, "d"),
    ({"flag": 1}, "z"),
    ({"district": None}, "z"),
    ({"district": ["swat"]}, "z"),
    ({}, "z"),
]


@pytest.mark.parametrize(("facts", "department"), CASES, ids=str)
def test_the_first_matching_rule_decides_with_its_reason(facts: Mapping[str, Any], department: str) -> None:
    choice = choose(RULES, facts)
    assert choice is not None
    assert choice.department == department
    assert choice.because in [rule["because"] for rule in RULES]


@pytest.mark.parametrize("rules", [[], RULES[:2]])
def test_without_a_matching_rule_there_is_no_choice(rules: list[dict[str, Any]]) -> None:
    assert choose(rules, {"district": "mardan"}) is None


@given(st.dictionaries(st.sampled_from(["district", "lights", "count", "flag"]), st.none() | st.booleans() | st.text()))
def test_with_a_last_rule_there_is_always_a_match(facts: dict[str, Any]) -> None:
    assert choose(RULES, facts) is not None


FOLDER: Path = RequestsSettings.model_fields["catalogue_dir"].default
ENTRIES = read_entries(FOLDER)


@cases("code", ENTRIES)
def test_every_rule_of_the_catalogue_can_match(code: str) -> None:
    rules = [rule.model_dump(exclude_none=True) for rule in ENTRIES[code].department]
    for rule in rules:
        facts = {name: values[0] for name, values in rule.get("when", {}).items()}
        choice = choose(rules, facts)
        assert choice is not None
        assert choice.because == rule["because"], "an earlier rule is always faster"


def test_the_files_of_departments_are_read() -> None:
    folder: Path = RoutingSettings.model_fields["departments_dir"].default
    departments = read_departments(folder)
    assert [department.code for department in departments] == sorted(file.stem for file in folder.glob("*.yaml"))


@pytest.mark.parametrize("text", ["code: a", "[", "code: works\ncolour: red"])
def test_an_error_names_the_bad_file_of_a_department(tmp_path: Path, text: str) -> None:
    (tmp_path / "works.yaml").write_text(text)
    with pytest.raises(ValueError, match=r"works\.yaml"):
        read_departments(tmp_path)
