"""Do our clocks mark the same requests as late as a real city did? A replay of rows that Boston published.

    python -m tools.boston boston311.csv
    python -m tools.boston boston311.csv --as-of 2022-06-01T00:00:00

Each row is opened, due and closed at the city's own times, on a simulated clock: `services/routing/models/clock.py`
takes every step that comes due until the row is closed, or until the file was written (by default the last time in it).
Then it counts whose mark differs from the city's, and why; and how many due dates our working calendar computes too.
"""

import argparse
import csv
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from services.routing.models.calendar import Calendar
from services.routing.models.clock import DueClock, escalation_levels, warning_time

BOSTON = Calendar(
    zone=ZoneInfo("America/New_York"),
    days=frozenset(range(5)),
    opens=time(8, 30),
    closes=time(17),
    holidays=frozenset({date(2022, 1, 1), date(2022, 1, 17), date(2022, 2, 21), date(2022, 4, 18), date(2022, 5, 30)}),
)
"""The office hours that the rows show, and the city's holidays."""
ON_TIME, OVERDUE = "ONTIME", "OVERDUE"
NEARLY = timedelta(minutes=1)
"""The city's due dates are some seconds off."""
MAX_DAYS = 200
WAYS = (
    (BOSTON, "working", "working days"),
    (BOSTON, "elapsed", "days by the clock"),
    (replace(BOSTON, holidays=frozenset()), "working", "working days that ignore a holiday"),
)
BY_CLOCK = {"days": 1, "calendar": "elapsed"}


@dataclass(frozen=True)
class Row:
    """A row of the file, with its times in UTC, and the city's mark."""

    number: str
    opened: datetime
    due: datetime | None
    closed: datetime | None
    mark: str


@dataclass(frozen=True)
class Replayed:
    """What our clock did with a row: its mark, its steps, and the reason for a mark that differs from the city's."""

    row: Row
    mark: str
    steps: tuple[str, ...]
    cause: str


def read_rows(lines: Iterable[str]) -> list[Row]:
    """The rows of the city's CSV."""
    return [
        Row(
            one["case_enquiry_id"],
            _moment(one["open_dt"]) or datetime.min.replace(tzinfo=UTC),
            _moment(one["target_dt"]),
            _moment(one["closed_dt"]),
            one["ontime"].strip(),
        )
        for one in csv.DictReader(lines)
    ]


def last_moment(rows: Iterable[Row]) -> datetime:
    """The last time in the file, which was written then or later."""
    return max(at for row in rows for at in (row.opened, row.due, row.closed) if at is not None)


def replay(row: Row, as_of: datetime) -> Replayed:
    """Let our clock run over a row, step by step as the steps come due."""
    end, steps = row.closed or as_of, []
    clock = clock_of(row)
    while (at := clock.clock_at) is not None and at <= end and row.closed != at:
        step = clock.next_mark(at)
        assert step is not None
        steps.append(str(step))
        if step == "due_soon":
            clock.warned_at = at
        elif step == "overdue":
            clock.overdue_at = at
        else:
            clock.escalate()
        clock.set_clock_at(runs=True)
    mark = OVERDUE if clock.overdue_at is not None else ON_TIME
    return Replayed(row, mark, tuple(steps), "" if mark == row.mark else cause_of(row, mark))


def clock_of(row: Row) -> DueClock:
    """The clock of a row as routing would set it, except that the due date is the city's."""
    clock = DueClock(due_at=row.due, due_counted="elapsed")
    if row.due is not None:
        clock.warn_at = warning_time(row.opened, row.due, "elapsed", BOSTON)
        clock.levels = escalation_levels(BY_CLOCK, "complaint", row.opened, row.due, BOSTON)
    clock.set_clock_at(runs=True)
    return clock


def cause_of(row: Row, mark: str) -> str:
    """Why our mark differs from the city's."""
    if row.due is None:
        return "the city marks a row without a due date as late"
    if row.closed is None:
        return "open: the city wrote its mark at another time than the file"
    if mark == OVERDUE:
        return "closed after its due date, and on time for the city"
    return "closed before its due date, and late for the city"


def counted_by(row: Row) -> str:
    """By which of our calendars the city's due date follows from the time of opening."""
    if row.due is None:
        return "no due date"
    for calendar, counted, name in WAYS:
        for days in range(1, MAX_DAYS):
            ours = calendar.due(row.opened, {"days": days, "calendar": counted})
            if abs(ours - row.due) <= NEARLY:
                return name
            if ours > row.due + NEARLY:
                break
    return "summer time began meanwhile" if _clock_changed(row.opened, row.due) else "neither"


def report(replayed: Iterable[Replayed]) -> list[str]:
    """What was found, line by line."""
    done = list(replayed)
    marks, causes = Counter(one.mark for one in done), Counter(one.cause for one in done if one.cause)
    steps = Counter(step for one in done for step in one.steps)
    counted = Counter(counted_by(one.row) for one in done)
    lines = [f"{len(done)} rows: {marks[ON_TIME]} on time, {marks[OVERDUE]} late; steps: {_listed(steps)}"]
    lines.append(f"marks that differ from the city's: {causes.total()}")
    lines += [f"  {count}: {cause}" for cause, count in causes.most_common()]
    lines += [f"    {one.row.number}" for one in done if one.cause]
    return [*lines, f"the city's due dates by our calendar: {_listed(counted)}"]


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.items()) or "none"


def _moment(text: str) -> datetime | None:
    """A time of the file, which is local to Boston; None for a blank."""
    return datetime.fromisoformat(text.strip()).replace(tzinfo=BOSTON.zone).astimezone(UTC) if text.strip() else None


def _clock_changed(start: datetime, end: datetime) -> bool:
    offsets = {at.astimezone(BOSTON.zone).utcoffset() for at in (start, end)}
    return len(offsets) > 1


def main() -> int:
    """Read the command line; the result is the number of marks that differ."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--as-of", help="when the file was written, in Boston's time")
    asked = parser.parse_args()
    with asked.file.open(encoding="utf-8-sig", newline="") as lines:
        rows = read_rows(lines)
    as_of = _moment(asked.as_of or "") or last_moment(rows)
    replayed = [replay(row, as_of) for row in rows]
    print(*report(replayed), sep="\n")
    return sum(bool(one.cause) for one in replayed)


if __name__ == "__main__":
    sys.exit(main())
