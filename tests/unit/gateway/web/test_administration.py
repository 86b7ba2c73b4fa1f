"""An entry of the catalogue as a form and back, YAML, and the fields of errors."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from gateway.web.administration.entries import add_errors, blank, field_for, fields_of, read_entry
from gateway.web.administration.staff import matches
from gateway.web.administration.yamltext import YamlError, read_yaml, write_yaml
from gateway.web.forms.form import Form
from gateway.web.words import Translator
from services.requests.catalogue.files import read_entries
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.settings import RequestsSettings
from tests.cases import cases

CATALOGUE: Path = RequestsSettings.model_fields["catalogue_dir"].default
ENTRIES = read_entries(CATALOGUE)


def read_back(entry: dict[str, Any]) -> tuple[dict[str, Any], Form]:
    form = Form.parse(fields_of(entry))
    return read_entry(form, entry["code"], Translator("en")), form


@cases("code", sorted(ENTRIES))
def test_every_entry_survives_the_form(code: str) -> None:
    entry = ENTRIES[code].model_dump(exclude_none=True)
    read, form = read_back(entry)
    assert CatalogueEntry.model_validate(read).model_dump(exclude_none=True) == entry
    assert not form.failed


def test_blank_entry_lacks_only_its_texts() -> None:
    read, form = read_back({**blank(), "code": "new"})
    assert not form.failed
    with pytest.raises(ValueError, match="category"):
        CatalogueEntry.model_validate(read)


def test_unreadable_yaml_is_reported_with_its_line() -> None:
    form = Form.parse([*fields_of({**blank(), "code": "new"}), ("form", "type: object\nrequired: [a")])
    read_entry(form, "new", Translator("en"))
    assert "Line 2" in form.errors["form"]


@pytest.mark.parametrize("text", ["a: &x [1]\nb: *x", "a: 1\na: 2", "1: one", "a: [b", "!!python/name:os.system x"])
def test_yaml_beyond_json_is_refused(text: str) -> None:
    with pytest.raises(YamlError):
        read_yaml(text)


def test_yaml_has_no_dates_and_round_trips() -> None:
    assert read_yaml("since: 2026-01-01") == {"since": "2026-01-01"}
    value = {"b": {"en": "A", "ur": "بجلی"}, "a": [True, 1, None, "2026-01-01", "yes"]}
    assert read_yaml(write_yaml(value)) == value
    assert "بجلی" in write_yaml(value)
    assert read_yaml("") is None


def test_errors_in_a_yaml_field_name_the_path() -> None:
    form = Form()
    add_errors(form, [
        {"pointer": "/form/properties/a/x-title", "code": "required", "message": "Missing."},
        {"pointer": "/form/properties/b/type", "code": "choice", "message": "Not known."},
        {"pointer": "/charter/who/ur", "code": "too_short", "message": "Too short."},
    ])  # fmt: skip
    assert form.errors["form"] == "/form/properties/a/x-title: Missing.\n/form/properties/b/type: Not known."
    assert form.errors["charter.who.ur"] == "Too short."


@pytest.mark.parametrize(
    ("pointer", "field"),
    [
        ("/due/days", "due.amount"),
        ("/due", "due.amount"),
        ("/department/0/to", "department"),
        ("/charter/documents/2/ur", "charter.documents"),
        ("/charter/fee/amount", "charter.fee.amount"),
        ("/charter/fee/note/en", "charter.fee.note.en"),
        ("/keywords/3", "keywords"),
        ("/name", "name.en"),
        ("/code", "code"),
    ],
)
def test_field_of_an_error(pointer: str, field: str) -> None:
    assert field_for(pointer)[0] == field


def test_staff_are_found_by_words_and_role() -> None:
    member = {"name": "Bilal", "login": "officer.water", "department": "water", "counter": None, "role": "officer"}
    assert all(matches(member, *asked) for asked in (("bil", ""), ("water", "officer"), ("", "")))
    assert not any(matches(member, *asked) for asked in (("power", ""), ("", "clerk")))


def test_catalogue_yaml_is_read_the_same() -> None:
    text = (CATALOGUE / "street-light-out.yaml").read_text(encoding="utf-8")
    assert read_yaml(text) == yaml.safe_load(text)
