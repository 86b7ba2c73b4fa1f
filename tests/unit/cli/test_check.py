"""The demo's report: lost and duplicated requests, and the table."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from deploy.cli.demo.check import TOLD_WHEN_ANSWERED, TOLD_WHEN_ROUTED, Findings, expected_messages, find
from deploy.cli.demo.city import City
from deploy.cli.demo.ends import Ends
from deploy.cli.demo.ledger import FiledRow, Ledger
from deploy.cli.demo.mapping import choose_mapping
from deploy.cli.demo.replay import ReplayOutcome
from deploy.cli.demo.report import by_department, figures, percentile, sentences, show
from deploy.cli.demo.rows import CityFile, Row, Unusable, read_row
from services.notifier.writing import templates
from tests.unit.cli.city_files import BOSTON, boston_row

DEPARTMENT = "boston-public-works"
CLOSED, OPEN = "RB-0000-0001-0", "RB-0000-0002-0"


def row(n: int, **more: str) -> Row:
    """A row of Boston."""
    cells = boston_row(n, **more)
    return read_row(n, BOSTON, [cells.get(column, " ") for column in BOSTON], choose_mapping(BOSTON))


ROWS = [row(1), row(2, case_status="Open", closed_dt=" ")]
CITY = City(choose_mapping(BOSTON), ROWS)


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    """A running loop, because the ledger has futures."""
    loop = asyncio.new_event_loop()
    yield loop
    loop.close()


@pytest.fixture
def ledger(loop: asyncio.AbstractEventLoop) -> Ledger:
    """One closed and one open row of the city, both filed in this run and arrived once."""
    ledger = Ledger()

    async def fill() -> None:
        for number, one in zip((CLOSED, OPEN), ROWS, strict=True):
            ledger.file(FiledRow(one, number, "verifying", at=10.0, before=False))
            ledger.arrive(number, DEPARTMENT, f"routing/{number}/1", at=10.25)

    loop.run_until_complete(fill())
    return ledger


def request(number: str, state: str) -> dict[str, Any]:
    """A line of a citizen's list."""
    return {"number": number, "state": state, "department": DEPARTMENT, "service": "boston-request-for-pothole-repair"}


def assignment(number: str, state: str) -> dict[str, Any]:
    """A line of an officer's list."""
    return {"number": number, "state": state, "department": DEPARTMENT}


@pytest.fixture
def ends(ledger: Ledger) -> Ends:
    """The lists of citizen and officers without any fault."""
    return Ends(
        [request(CLOSED, "resolved"), request(OPEN, "routed")],
        [assignment(CLOSED, "resolved"), assignment(OPEN, "routed")],
        Counter((filed.number, name) for filed in ledger.filed.values() for name in expected_messages(filed)),
    )


def test_every_checked_message_exists() -> None:
    assert set(TOLD_WHEN_ROUTED + TOLD_WHEN_ANSWERED) <= templates.texts().templates.keys()


def test_all_is_well(ledger: Ledger, ends: Ends) -> None:
    assert find(CITY, ledger, ends, before=[]).clean


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda ends: ends.requests.pop(), "not in its citizen's list"),
        (lambda ends: ends.requests[1].update(department=None), "never reached a department"),
        (lambda ends: ends.requests[0].update(state="accepted"), "answer never reached the citizen"),
        (lambda ends: ends.assignments.pop(), "not in the list of the officer"),
        (lambda ends: ends.assignments[1].update(department="boston-parks"), "not in the list of the officer"),
        (lambda ends: ends.messages.pop((CLOSED, "request.resolved.department")), "never told: request.resolved"),
    ],
)
def test_a_row_missing_at_one_end_is_lost(ledger: Ledger, ends: Ends, change: Any, fault: str) -> None:
    change(ends)

    findings = find(CITY, ledger, ends, before=[])
    assert len(findings.lost) == 1
    assert fault in findings.lost[0]


def test_a_fresh_request_has_to_arrive_on_its_queue_and_an_older_one_has_arrived_before(
    ledger: Ledger, ends: Ends
) -> None:
    del ledger.arrivals[OPEN]
    assert "never arrived on the queue" in find(CITY, ledger, ends, before=[]).lost[0]

    ledger.filed[OPEN].before = True
    assert find(CITY, ledger, ends, before=[OPEN]).clean


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda ledger, ends: ends.requests.append(ends.requests[0]), "2 times in the citizens' lists"),
        (lambda ledger, ends: ends.assignments.append(ends.assignments[0]), "2 times in the officers' lists"),
        (lambda ledger, ends: ends.requests.append(request("RB-0000-0003-0", "routed")), "no 201 named it"),
        (lambda ledger, ends: ends.messages.update([(OPEN, "request.routed")]), "request.routed was sent 2 times"),
        (lambda ledger, ends: ledger.arrive(OPEN, DEPARTMENT, "routing/other/9", 11.0), "routed 2 times"),
        (lambda ledger, ends: ledger.arrive(OPEN, "boston-parks", "routing/other/9", 11.0), "boston-parks"),
        (lambda ledger, ends: ledger.file(replace(ledger.filed[OPEN], row=ROWS[0])), "was given to the rows"),
    ],
)
def test_a_row_found_twice_is_doubled(ledger: Ledger, ends: Ends, change: Any, fault: str) -> None:
    change(ledger, ends)

    findings = find(CITY, ledger, ends, before=[])
    assert len(findings.doubled) == 1
    assert fault in findings.doubled[0]


def test_a_request_from_before_or_of_another_city_is_no_double(ledger: Ledger, ends: Ends) -> None:
    ends.requests.append(request("RB-0000-0003-0", "routed"))
    ends.requests.append(request("RB-0000-0004-0", "routed") | {"service": "water-leak"})

    assert find(CITY, ledger, ends, before=["RB-0000-0003-0"]).clean


def test_the_same_event_again_is_a_repeat_and_no_double(ledger: Ledger, ends: Ends) -> None:
    assert not ledger.arrive(OPEN, DEPARTMENT, f"routing/{OPEN}/1", at=12.0)

    assert ledger.repeats() == 1
    assert ledger.waits() == [0.25, 0.25]
    assert find(CITY, ledger, ends, before=[]).clean


def outcome(ledger: Ledger, ends: Ends, findings: Findings | None = None) -> ReplayOutcome:
    """A run with one unusable row."""
    unusable = [Unusable(9, "type is blank")]
    file = CityFile("boston", choose_mapping(BOSTON), ROWS, unusable)
    return ReplayOutcome(file, CITY, ledger, ends, findings or Findings(), seconds=1.25)


def test_the_table_counts_both_ends(ledger: Ledger, ends: Ends) -> None:
    shown = dict(figures(outcome(ledger, ends)))

    assert shown == {
        "rows": "3 (1 unusable)",
        "filed (201)": "2",
        "verified": "2",
        "routed": "2 to 1 departments",
        "answered (closed by the city)": "1",
        "left open": "1",
        "messages to citizens": "6 of 6",
        "201 to department's queue": "p50 250 ms  p95 250 ms  p99 250 ms",
        "repeats (same event again)": "0",
        "lost": "0",
        "duplicated": "0",
        "first filing to last answer": "1.2 s",
    }
    assert by_department(outcome(ledger, ends)) == [(DEPARTMENT, 2, 1, 1)]


def test_faults_are_reported_in_sentences(ledger: Ledger, ends: Ends) -> None:
    ledger.refused.append((ROWS[0], "POST /api/v1/requests: 422"))
    run = outcome(ledger, ends, Findings(lost=["a"], doubled=["b"]))

    assert not run.is_good
    assert sentences(run) == [
        "line 9 cannot be used: type is blank",
        "line 1 was not filed: POST /api/v1/requests: 422",
        "lost: a",
        "duplicated: b",
    ]
    console = Console(width=100)
    with console.capture() as captured:
        show(run, console)
    assert "lost: a" in captured.get()
    assert DEPARTMENT in captured.get()


def test_rows_that_cannot_be_used_are_no_failure(ledger: Ledger, ends: Ends) -> None:
    assert outcome(ledger, ends).is_good


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [([], 50, None), ([3.0], 99, 3.0), ([1.0, 2.0, 3.0, 4.0], 50, 2.0), ([1.0, 2.0, 3.0, 4.0], 95, 4.0)],
)
def test_percentiles_by_nearest_rank(values: list[float], percent: float, expected: float | None) -> None:
    assert percentile(values, percent) == expected
