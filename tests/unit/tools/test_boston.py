"""The replay of a city's rows on our clocks; the rows are invented."""

from datetime import UTC, datetime

from tests.cases import cases
from tools.boston import Row, counted_by, last_moment, read_rows, replay, report

HEADER = "case_enquiry_id,open_dt,target_dt,closed_dt,ontime"
AS_OF = datetime(2022, 6, 1, tzinfo=UTC)


def row(opened: str, due: str, closed: str, mark: str) -> Row:
    """One row, with times as the city writes them; blank columns may hold a space."""
    [found] = read_rows([HEADER, f"1,{opened},{due},{closed},{mark}"])
    return found


@cases(
    "due, closed, mark, steps, cause",
    [
        ("2022-01-10 10:00:00", "2022-01-05 09:00:00", "ONTIME", (), ""),
        ("2022-01-10 10:00:00", "2022-01-09 09:00:00", "ONTIME", ("due_soon",), ""),
        ("2022-01-10 10:00:00", "2022-01-10 10:00:00", "ONTIME", ("due_soon",), ""),
        ("2022-01-10 10:00:00", "2022-01-10 10:00:01", "OVERDUE", ("due_soon", "overdue", "escalate"), ""),
        ("2022-01-10 10:00:00", " ", "OVERDUE", ("due_soon", "overdue", "escalate", "escalate"), ""),
        (" ", " ", "ONTIME", (), ""),
        (" ", "2022-03-01 09:00:00", "OVERDUE", (), "the city marks a row without a due date as late"),
        ("2022-01-10 10:00:00", "2022-01-05 09:00:00", "OVERDUE", (), "closed before its due date, and late"),
    ],
)
def test_a_row_gets_the_mark_of_its_times(due: str, closed: str, mark: str, steps: tuple[str, ...], cause: str) -> None:
    done = replay(row("2022-01-03 10:00:00", due, closed, mark), AS_OF)
    assert (done.steps, done.cause[: len(cause)] if cause else done.cause) == (steps, cause)


@cases(
    "opened, due, counted",
    [
        ("2022-01-03 16:48:09", "2022-01-04 16:48:20", "working days"),
        ("2022-01-03 17:02:00", "2022-01-05 08:30:00", "working days"),
        ("2022-01-03 22:39:00", "2022-01-04 22:39:39", "days by the clock"),
        ("2022-01-01 18:25:00", "2022-01-17 08:30:00", "working days that ignore a holiday"),
        ("2022-01-01 00:16:00", "2022-04-01 00:16:06", "summer time began meanwhile"),
        ("2022-01-03 10:00:00", "2022-01-04 12:34:00", "neither"),
        ("2022-01-03 10:00:00", "", "no due date"),
    ],
)
def test_a_due_date_says_how_the_city_counts(opened: str, due: str, counted: str) -> None:
    assert counted_by(row(opened, due, "", "ONTIME")) == counted


def test_differing_rows_are_counted_by_cause_and_named() -> None:
    rows = [row("2022-01-03 10:00:00", " ", " ", "OVERDUE"), row("2022-01-03 10:00:00", " ", " ", "ONTIME")]
    lines = report(replay(one, last_moment(rows)) for one in rows)
    assert lines[1:4] == [
        "marks that differ from the city's: 1",
        "  1: the city marks a row without a due date as late",
        "    1",
    ]
