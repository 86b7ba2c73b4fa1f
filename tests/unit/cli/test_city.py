"""A city's rows become departments, services, complaints and answers that the portal accepts."""

import pytest

from deploy.cli.demo.city import City, slug
from deploy.cli.demo.rows import Row, choose_mapping
from services.requests.catalogue.eligibility import Checks
from services.requests.catalogue.models.catalogue import CatalogueEntry
from services.requests.filing.service.filing import Filing
from services.routing.models.directory import DepartmentEntry, choose
from tests.unit.cli.city_files import BOSTON
from tests.unit.cli.city_files import read_boston_row as row


def city(*rows: Row) -> City:
    """The city with these rows."""
    return City(choose_mapping(BOSTON), rows)


def test_only_departments_of_the_rows_are_made_and_routing_takes_them() -> None:
    entries = city(row(), row(2, department="BTDT")).department_entries()

    assert [entry["code"] for entry in entries] == ["boston-transportation", "boston-public-works"]
    for entry in entries:
        DepartmentEntry.model_validate(entry)


def test_a_department_that_the_mapping_does_not_know_gets_a_code_of_its_own() -> None:
    made = city(row(department="Harbour & Quays"))

    (entry,) = made.department_entries()
    assert entry["code"] == made.department(row(department="Harbour & Quays")) == "boston-d-harbour-quays"
    assert entry["name"]["en"] == "Harbour & Quays (Boston)"
    DepartmentEntry.model_validate(entry)


def test_a_service_leads_each_row_to_the_department_that_had_it() -> None:
    rows = [row(1, type="PWD Graffiti"), row(2, type="PWD Graffiti", department="BTDT")]
    made = city(*rows)

    (service,) = made.service_entries(rows)
    entry = CatalogueEntry.model_validate(service)
    rules = [rule.model_dump(exclude_none=True) for rule in entry.department]
    for one in rows:
        answers = made.filing(one)["answers"]
        choice = choose(rules, Checks(entry).facts(answers))
        assert choice is not None
        assert choice.department == made.department(one)


def test_a_row_becomes_a_complaint_that_the_service_takes() -> None:
    one = row()
    made = city(one)

    filing = made.filing(one)
    Filing.model_validate(filing)
    (service,) = made.service_entries([one])
    assert Checks(CatalogueEntry.model_validate(service)).form_errors(filing["answers"], "en") == []
    assert filing["place"] == {
        "district": "boston", "address": "1 Test St Boston MA 02134", "latitude": 42.3551, "longitude": -71.1327,
    }  # fmt: skip
    assert filing["answers"]["opened"] == "2022-01-21 13:47"


def test_a_type_of_few_letters_still_makes_a_description() -> None:
    one = row(type="Tree", case_title="Tree", queue="")

    assert city(one).filing(one)["answers"]["description"] == "Tree, reported to the city of Boston"


def test_the_reply_holds_the_citys_words_and_the_dates_of_then() -> None:
    reply = city(row()).reply(row())

    assert reply["reply"] == "Resolved Pot hole repaired (Boston: opened 2022-01-21 13:47, closed 2022-01-25 09:12)"


@pytest.mark.parametrize(("words", "begins"), [("", "Closed. The city"), ("Noted", "Noted. The city")])
def test_words_that_are_too_short_are_completed(words: str, begins: str) -> None:
    one = row(closure_reason=f"Case Closed. Closed date : 2022-01-03 00:11:40.347 {words} ")

    assert city(one).reply(one)["reply"].startswith(begins)


def test_a_duplicate_was_not_granted() -> None:
    duplicate = row(closure_reason="Case Closed. Closed date : 2022-01-03 06:44:23.4 Duplicate of Existing Case ")

    assert city(duplicate).reply(duplicate)["outcome"] == "not_granted"
    assert city(row()).reply(row())["outcome"] == "granted"


def test_the_same_row_is_always_filed_by_the_same_citizen() -> None:
    made = city(row(1), row(2))

    assert made.citizen(row(1)) == made.citizen(row(1))
    assert 101 <= made.citizen(row(1)).n <= 120


def test_a_code_is_made_of_whatever_stands_there() -> None:
    assert slug("boston", "Misc. Snow Complaint", longest=60) == "boston-misc-snow-complaint"
    assert len(slug("nyc", "x" * 70, longest=20)) <= 20


def test_names_that_differ_after_the_cut_have_different_codes() -> None:
    assert slug("boston", "x" * 80 + "a", longest=60) != slug("boston", "x" * 80 + "b", longest=60)
    assert slug("boston", "پانی", longest=60) != slug("boston", "بجلی", longest=60)
