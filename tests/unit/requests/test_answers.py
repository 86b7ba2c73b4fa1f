"""Answers are normalised before a form checks them: Urdu digits count as digits."""

from pathlib import Path
from typing import Any

import pytest

import services.requests
from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.files import read_entries
from services.requests.catalogue.models.catalogue import CatalogueEntry
from tests.cases import cases
from tests.personal_data import ARABIC, URDU
from tests.unit.requests.samples import SAMPLES

FOLDER = Path(services.requests.__file__).parent / "catalogue" / "services"
ENTRIES = read_entries(FOLDER)
FORM: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "month": {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"},
        "day": {"type": "string", "format": "date"},
        "metres": {"type": "integer", "minimum": 1},
        "width": {"type": "number"},
        "said": {"type": "string", "minLength": 3, "maxLength": 40},
        "kind": {"type": "string", "enum": ["-", "wide"]},
        "people": {
            "type": "array",
            "items": {"type": "object", "properties": {"age": {"type": "integer"}, "name": {"type": "string"}}},
        },
    },
}


def checks() -> Checks:
    """The checks of a service with that form, and with a rule that requires digits in `said`."""
    entry = ENTRIES["street-light-out"].model_dump(exclude_none=True)
    words = {"en": "Words", "ur": "الفاظ"}
    messages = {"month": {"pattern": words}}
    form = {**FORM, "properties": dict(FORM["properties"])}
    form["properties"]["month"] = {**form["properties"]["month"], "x-messages": messages["month"]}
    form["properties"]["kind"] = {**form["properties"]["kind"], "x-options": {"-": words, "wide": words}}
    return Checks(
        CatalogueEntry.model_validate(
            {**entry, "form": form, "eligibility": [], "department": [entry["department"][-1]]}
        )
    )


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ({"month": "۲۰۲۶-۰۹"}, {"month": "2026-09"}),
        ({"month": "\u2066۲۰۲۶\u2013۰۹\u2069"}, {"month": "2026-09"}),
        ({"day": "٢٠٢٦-٠٩-٠١ "}, {"day": "2026-09-01"}),
        ({"metres": "۱٬۲۰۰"}, {"metres": 1200}),
        ({"width": "۲٫۵"}, {"width": 2.5}),
        ({"metres": "many"}, {"metres": "many"}),
        ({"metres": "12"}, {"metres": "12"}),
        ({"said": " گھر نمبر ۱۲ "}, {"said": "گھر نمبر ۱۲"}),
        ({"kind": "-"}, {"kind": "-"}),
        ({"people": [{"age": "۷", "name": "گل ۷"}]}, {"people": [{"age": 7, "name": "گل ۷"}]}),
        ({"unknown": " x "}, {"unknown": "x"}),
    ],
)
def test_digit_answers_are_normalised_and_others_unchanged(typed: dict[str, Any], read: dict[str, Any]) -> None:
    assert checks().read(typed) == read


@cases("code", ENTRIES)
@cases("digits", [URDU, ARABIC])
def test_every_service_accepts_its_sample_in_other_digits(code: str, digits: dict[int, int]) -> None:
    form, sample = ENTRIES[code].form["properties"], SAMPLES[code]["valid"]
    typed = {
        name: str(value).translate(digits) if "enum" not in form[name] and not isinstance(value, bool) else value
        for name, value in sample.items()
    }
    found = Checks(ENTRIES[code])
    assert found.form_errors(found.read(typed), "en") == []


@pytest.mark.parametrize(
    ("answers", "pointer"),
    [
        ({"said": "............"}, "/answers/said"),
        ({"said": "\u0301\u0301\u0301\u0301"}, "/answers/said"),
        ({"people": [{"name": "Gul"}, {"name": "--"}]}, "/answers/people/1/name"),
    ],
)
def test_text_answer_needs_a_letter_or_digit(answers: dict[str, Any], pointer: str) -> None:
    found = checks()
    assert [(e["pointer"], e["code"]) for e in found.form_errors(found.read(answers), "en")] == [
        (pointer, "words_needed")
    ]


def test_choice_may_be_a_number() -> None:
    assert checks().form_errors({"kind": "-"}, "en") == []
