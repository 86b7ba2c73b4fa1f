"""Dates relative to today: bounds of a question, and the input of rules."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.files import read_entries
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.catalogue.models.dates import bound_day, day_of, times_since, years_since
from services.requests.settings import RequestsSettings
from tests.builders import a_catalogue_entry, words
from tests.unit.requests.samples import SAMPLES

ENTRIES = read_entries(RequestsSettings.model_fields["catalogue_dir"].default)
TODAY = date(2026, 11, 29)
DATED = [
    (entry, name)
    for entry in ENTRIES.values()
    for name, question in entry.form["properties"].items()
    if question.get("format") == "date"
]
DAYS = st.dates(min_value=date(1900, 1, 1), max_value=date(2100, 1, 1))


def asking(**question: Any) -> CatalogueEntry:
    """A service that asks for a day."""
    form = {
        "type": "object",
        "additionalProperties": False,
        "properties": {"day": {"type": "string", "format": "date", **question}},
    }
    return a_catalogue_entry(form=form, department=[{"to": "power", "because": words("x")}])


@pytest.mark.parametrize(("entry", "name"), DATED, ids=lambda value: getattr(value, "code", value))
def test_every_date_of_the_catalogue_has_bounds(entry: CatalogueEntry, name: str) -> None:
    checks, answers = Checks(entry), SAMPLES[entry.code]["valid"]
    for day, code in (("2099-01-01", "too_late"), ("1026-03-09", "too_early")):
        [error] = checks.form_errors(answers | {name: day}, "en")
        assert (error["pointer"], error["code"]) == (f"/answers/{name}", code)
        [urdu] = checks.form_errors(answers | {name: day}, "ur")
        assert urdu["message"] != error["message"]


@pytest.mark.parametrize(
    ("bound", "last"),
    [
        ("today", "2026-11-29"),
        ("-60d", "2026-09-30"),
        ("+10d", "2026-12-09"),
        ("-18y", "2008-11-29"),
        ("+99999y", "9999-12-31"),
        ("-99999y", "0001-01-01"),
    ],
)
def test_a_bound_is_so_many_days_or_years_from_today(bound: str, last: str) -> None:
    assert bound_day(bound, TODAY) == date.fromisoformat(last)


def test_the_leap_day_is_a_year_later_on_the_last_of_february() -> None:
    leap = date(2024, 2, 29)
    assert bound_day("-1y", leap) == date(2023, 2, 28)
    assert bound_day("-4y", leap) == date(2020, 2, 29)
    assert [years_since(leap, day) for day in (date(2025, 2, 28), date(2025, 3, 1), date(2028, 2, 29))] == [0, 1, 4]


@given(born=DAYS, today=DAYS)
def test_an_age_grows_by_one_on_each_birthday_and_never_else(born: date, today: date) -> None:
    leapling = (born.month, born.day) == (2, 29)
    birthday = (today.month, today.day) in {(born.month, born.day), (3, 1) if leapling else (born.month, born.day)}
    age, before = years_since(born, today), years_since(born, today - timedelta(days=1))
    assert age == before or (age == before + 1 and birthday)
    assert (age < 0) == (born > today)


@given(day=DAYS, today=DAYS)
def test_a_day_passes_its_own_bounds(day: date, today: date) -> None:
    distance = (day - today).days
    words_of = {"x-messages": {"x-not-after": words("x")}}
    checks = Checks(asking(**{"x-not-after": f"{distance:+}d", "x-not-before": f"{distance:+}d"}, **words_of))
    found = [
        [error["code"] for error in checks.form_errors({"day": (day + timedelta(days=n)).isoformat()}, "en", today)]
        for n in (-1, 0, 1)
    ]
    assert found == [["too_early"], [], ["too_late"]]


def test_it_is_the_day_in_pakistan() -> None:
    assert day_of(datetime(2026, 11, 28, 18, 59, tzinfo=UTC)) == date(2026, 11, 28)
    assert day_of(datetime(2026, 11, 28, 19, 0, tzinfo=UTC)) == TODAY


def test_rules_see_days_and_years_of_every_date_and_of_nothing_else() -> None:
    answers = {"born": "2008-11-30", "soon": "2026-12-01", "month": "2026-11", "no day": "2026-02-30", "count": 3}
    assert times_since(answers, TODAY) == {
        "days_since": {"born": 6573, "soon": -2},
        "years_since": {"born": 17, "soon": -1},
    }


@pytest.mark.parametrize(
    ("question", "mistake"),
    [
        ({"x-not-after": "tomorrow"}, ("/form/properties/day/x-not-after", "form_date")),
        ({"x-not-before": -60}, ("/form/properties/day/x-not-before", "form_date")),
        ({"x-not-after": "+10y"}, ("/form/properties/day/x-messages", "form_date_words")),
        ({"format": "email", "x-not-after": "today"}, ("/form/properties/day/x-not-after", "form_date")),
    ],
)
def test_meaningless_bound_is_an_error(question: dict[str, Any], mistake: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match=": ".join(mistake)):
        asking(**question)
