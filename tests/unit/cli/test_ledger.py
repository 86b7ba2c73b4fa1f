"""The demo's comparison of both ends: lost and duplicated requests."""

from dataclasses import replace
from typing import Any

import pytest

from deploy.cli.demo.city import City
from deploy.cli.demo.ledger import Arrival, FiledRow, Ledger
from deploy.cli.demo.rows import choose_mapping
from tests.unit.cli.city_files import BOSTON, read_boston_row

DEPARTMENT = "boston-public-works"
CLOSED, OPEN, OTHER = "RB-0000-0001-0", "RB-0000-0002-0", "RB-0000-0003-0"
ROWS = [read_boston_row(1), read_boston_row(2, case_status="Open", closed_dt=" ")]


def request(number: str, state: str) -> dict[str, Any]:
    """A line of a citizen's list."""
    return {"number": number, "state": state, "department": DEPARTMENT, "service": "boston-request-for-pothole-repair"}


@pytest.fixture
def ledger() -> Ledger:
    """One closed and one open row of the city, both filed in this run and arrived once."""
    ledger = Ledger(City(choose_mapping(BOSTON), ROWS))
    for number, one in zip((CLOSED, OPEN), ROWS, strict=True):
        ledger.file(FiledRow(one, number, at=10.0, before=False))
        ledger.arrive(number, f"routing/{number}/1", Arrival(DEPARTMENT, at=10.25))
    ledger.look([request(CLOSED, "resolved"), request(OPEN, "routed")])
    return ledger


def test_all_is_well(ledger: Ledger) -> None:
    assert (ledger.lost(), ledger.doubled()) == ([], [])
    assert ledger.waits() == [0.25, 0.25]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda ledger: ledger.requests.pop(OPEN), "not in its citizen's list"),
        (lambda ledger: ledger.requests[OPEN].update(department=None), f"not at {DEPARTMENT}"),
        (lambda ledger: ledger.requests[CLOSED].update(state="accepted"), "answer never reached the citizen"),
        (lambda ledger: ledger.arrivals.pop(OPEN), "never arrived on the queue"),
    ],
)
def test_a_row_missing_at_one_end_is_lost(ledger: Ledger, change: Any, fault: str) -> None:
    change(ledger)

    (lost,) = ledger.lost()
    assert fault in lost


def test_a_request_of_an_earlier_run_has_arrived_before(ledger: Ledger) -> None:
    del ledger.arrivals[OPEN]
    ledger.filed[OPEN] = replace(ledger.filed[OPEN], before=True)

    assert ledger.lost() == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda ledger: ledger.look([*ledger.requests.values(), request(OPEN, "routed")]), "2 times in the citizens'"),
        (lambda ledger: ledger.requests.update({OTHER: request(OTHER, "routed")}), "no 201 named it"),
        (lambda ledger: ledger.arrive(OPEN, "routing/other/9", Arrival("boston-parks", 11.0)), "boston-parks"),
        (lambda ledger: ledger.file(replace(ledger.filed[OPEN], row=ROWS[0])), "was given to the rows"),
    ],
)
def test_a_row_found_twice_is_doubled(ledger: Ledger, change: Any, fault: str) -> None:
    change(ledger)

    (doubled,) = ledger.doubled()
    assert fault in doubled


def test_a_request_from_before_or_of_another_city_is_no_double(ledger: Ledger) -> None:
    ledger.before = {OTHER}
    ledger.requests |= {OTHER: request(OTHER, "routed"), "RB-4": request("RB-4", "routed") | {"service": "water-leak"}}

    assert ledger.doubled() == []


def test_the_same_event_again_is_no_double(ledger: Ledger) -> None:
    ledger.arrive(OPEN, f"routing/{OPEN}/1", Arrival(DEPARTMENT, at=12.0))

    assert ledger.doubled() == []
    assert ledger.waits() == [0.25, 0.25]
