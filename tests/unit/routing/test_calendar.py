"""Due dates: never on a closed day, never earlier for a later start or longer limit, exact in calendar time."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from services.routing.files import read_calendar
from services.routing.models.calendar import Calendar
from services.routing.settings import RoutingSettings
from tests.cases import cases

FILE: Path = RoutingSettings.model_fields["calendar_file"].default
CALENDAR = read_calendar(FILE)
ZONE = ZoneInfo("Asia/Karachi")
STARTS = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2027, 12, 31)).map(
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
LIMITS = st.one_of(
    st.integers(1, 60).map(lambda n: {"days": n, "calendar": "working"}),
    st.integers(1, 300).map(lambda n: {"hours": n, "calendar": "working"}),
)


def local(text: str) -> datetime:
    """A local time as UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE).astimezone(UTC)


def working(**limit: int) -> dict[str, Any]:
    """A limit of the working calendar."""
    return {**limit, "calendar": "working"}


@given(STARTS, LIMITS)
def test_never_due_on_a_closed_day_or_outside_hours(start: datetime, limit: dict[str, Any]) -> None:
    due = CALENDAR.due(start, limit).astimezone(ZONE)
    assert CALENDAR.is_working_day(due.date())
    assert CALENDAR.opens <= due.time() <= CALENDAR.closes
    assert due > start


@given(STARTS, st.timedeltas(timedelta(0), timedelta(days=20)), LIMITS)
def test_a_later_start_is_never_due_earlier(start: datetime, later: timedelta, limit: dict[str, Any]) -> None:
    assert CALENDAR.due(start, limit) <= CALENDAR.due(start + later, limit)


@given(STARTS, st.sampled_from(["days", "hours"]), st.integers(1, 60), st.integers(0, 30))
def test_a_longer_limit_is_never_due_earlier(start: datetime, unit: str, length: int, more: int) -> None:
    assert CALENDAR.due(start, working(**{unit: length})) <= CALENDAR.due(start, working(**{unit: length + more}))


@given(STARTS, st.integers(1, 200))
def test_the_working_hours_until_the_due_date_match_the_limit(start: datetime, hours: int) -> None:
    due = CALENDAR.due(start, working(hours=hours))
    assert open_time(start, due) == timedelta(hours=hours)


@given(STARTS, st.integers(1, 60))
def test_the_working_days_until_the_due_date_match_the_limit(start: datetime, days: int) -> None:
    due = CALENDAR.due(start, working(days=days))
    length = datetime.combine(date.min, CALENDAR.closes) - datetime.combine(date.min, CALENDAR.opens)
    assert open_time(start, due) == length * days


def open_time(start: datetime, end: datetime) -> timedelta:
    """The opening time between two times, counted day by day."""
    total, day = timedelta(0), start.astimezone(ZONE).date()
    while day <= end.astimezone(ZONE).date():
        if CALENDAR.is_working_day(day):
            opens, closes = (datetime.combine(day, at, ZONE) for at in (CALENDAR.opens, CALENDAR.closes))
            total += max(min(closes, end) - max(opens, start), timedelta(0))
        day += timedelta(days=1)
    return total


@given(STARTS, st.integers(1, 400), st.integers(1, 2000))
def test_elapsed_time_is_exact(start: datetime, days: int, hours: int) -> None:
    assert CALENDAR.due(start, {"days": days, "calendar": "elapsed"}) == start + timedelta(days=days)
    assert CALENDAR.due(start, {"hours": hours, "calendar": "elapsed"}) == start + timedelta(hours=hours)


TABLE = [
    ("monday morning", "2026-03-02T10:00", working(hours=4), "2026-03-02T14:00"),
    ("over the evening", "2026-03-02T15:00", working(hours=4), "2026-03-03T11:00"),
    ("to the last minute", "2026-03-02T13:00", working(hours=4), "2026-03-02T17:00"),
    ("a whole day", "2026-03-02T09:00", working(hours=8), "2026-03-02T17:00"),
    ("before opening", "2026-03-02T06:30", working(hours=1), "2026-03-02T10:00"),
    ("friday evening", "2026-03-06T18:00", working(hours=2), "2026-03-09T11:00"),
    ("friday at closing", "2026-03-06T17:00", working(hours=2), "2026-03-09T11:00"),
    ("friday a minute before", "2026-03-06T16:59", working(hours=1), "2026-03-09T09:59"),
    ("saturday", "2026-03-07T12:00", working(days=1), "2026-03-10T09:00"),
    ("sunday night", "2026-03-08T23:59", working(days=1), "2026-03-10T09:00"),
    ("one day", "2026-03-02T11:30", working(days=1), "2026-03-03T11:30"),
    ("over a weekend", "2026-03-05T11:30", working(days=2), "2026-03-09T11:30"),
    ("friday evening, one day", "2026-03-06T20:00", working(days=1), "2026-03-10T09:00"),
    ("over Eid and Pakistan Day", "2026-03-20T11:00", working(days=1), "2026-03-24T11:00"),
    ("on a holiday", "2026-05-01T11:00", working(hours=1), "2026-05-04T10:00"),
    ("over three holidays", "2026-05-26T16:00", working(hours=2), "2026-06-01T10:00"),
    ("over the new year", "2026-12-31T16:00", working(hours=2), "2027-01-01T10:00"),
]


@cases("start, limit, due", [row[1:] for row in TABLE])
def test_known_due_times(start: str, limit: dict[str, Any], due: str) -> None:
    assert CALENDAR.due(local(start), limit) == local(due)
    assert CALENDAR.due(local(start), limit).tzinfo is UTC


def test_the_holidays_of_the_calendar_file_are_closed() -> None:
    assert CALENDAR.zone == ZONE
    assert (CALENDAR.opens, CALENDAR.closes) == (time(9), time(17))
    assert not CALENDAR.is_working_day(date(2026, 8, 14))
    assert not CALENDAR.is_working_day(date(2026, 3, 7))
    assert CALENDAR.is_working_day(date(2026, 3, 2))


@pytest.mark.parametrize(
    "week",
    [
        {"days": [], "opens": "09:00", "closes": "17:00"},
        {"days": ["monday"], "opens": "17:00", "closes": "09:00"},
        {"days": ["monday"], "opens": "09:00", "closes": "09:00"},
        {"days": ["someday"], "opens": "09:00", "closes": "17:00"},
        {"days": ["monday"], "opens": "nine", "closes": "17:00"},
    ],
    ids=str,
)
def test_a_week_without_working_time_is_refused(tmp_path: Path, week: dict[str, Any]) -> None:
    data = {"timezone": "Asia/Karachi", "working_week": week, "holidays": []}
    (tmp_path / "calendar.yaml").write_text(yaml.safe_dump(data))
    with pytest.raises(ValueError):  # noqa: PT011  # its own words or the standard library's
        read_calendar(tmp_path / "calendar.yaml")


def test_years_of_holidays_cause_an_error_instead_of_a_loop() -> None:
    closed = Calendar(
        ZONE, frozenset({0}), time(9), time(17), frozenset(date(2026, 1, 5) + timedelta(n) for n in range(4000))
    )
    with pytest.raises(ValueError, match="no working day"):
        closed.due(local("2026-03-02T10:00"), working(hours=1))


PAUSES = st.timedeltas(timedelta(0), timedelta(days=40))
COUNTED = st.sampled_from(["working", "elapsed"])


def left(now: datetime, due: datetime, counted: str) -> timedelta:
    """The remaining time; negative if it is late."""
    if counted == "elapsed":
        return due - now
    return CALENDAR.open_between(now, due) - CALENDAR.open_between(due, now)


@given(STARTS, LIMITS, PAUSES, PAUSES, COUNTED)
def test_a_pause_keeps_the_remaining_time(
    start: datetime, limit: dict[str, Any], worked: timedelta, pause: timedelta, counted: str
) -> None:
    due = CALENDAR.due(start, limit | {"calendar": counted})
    asked = start + worked
    answered = asked + pause
    moved = CALENDAR.moved(due, asked, answered, counted)
    assert left(answered, moved, counted) == left(asked, due, counted)
    assert moved >= due


@given(STARTS, LIMITS, PAUSES, PAUSES, COUNTED)
def test_two_pauses_move_the_due_date_like_one_of_their_length(
    start: datetime, limit: dict[str, Any], one: timedelta, two: timedelta, counted: str
) -> None:
    due = CALENDAR.due(start, limit)
    both = CALENDAR.moved(due, start, start + one + two, counted)
    first = CALENDAR.moved(due, start, start + one, counted)
    assert CALENDAR.open_between(due, CALENDAR.moved(first, start + one, start + one + two, counted)) == (
        CALENDAR.open_between(due, both)
    )


@given(STARTS, LIMITS, COUNTED)
def test_an_empty_pause_moves_nothing(start: datetime, limit: dict[str, Any], counted: str) -> None:
    due = CALENDAR.due(start, limit)
    assert CALENDAR.moved(due, start, start, counted) == due


def test_a_pause_over_a_weekend_costs_no_working_time() -> None:
    due = local("2026-03-11T11:00")  # a Wednesday
    assert CALENDAR.moved(due, local("2026-03-06T17:00"), local("2026-03-09T09:00"), "working") == due
    assert CALENDAR.moved(due, local("2026-03-06T16:00"), local("2026-03-09T10:00"), "working") == local(
        "2026-03-11T13:00"
    )
    assert CALENDAR.moved(due, local("2026-03-06T09:00"), local("2026-03-09T09:00"), "working") == local(
        "2026-03-12T11:00"
    )
    assert CALENDAR.moved(due, local("2026-03-06T17:00"), local("2026-03-09T09:00"), "elapsed") == local(
        "2026-03-14T03:00"
    )


WITH_BREAK = replace(CALENDAR, breaks={4: (time(12, 30), time(14))})
MINUTE = timedelta(minutes=1)


def slowly_open(at: datetime) -> bool:
    """Whether offices with a Friday break are open in the minute from `at` on."""
    local_at = at.astimezone(ZONE)
    in_break = local_at.weekday() == 4 and time(12, 30) <= local_at.time() < time(14)
    return CALENDAR.is_working_day(local_at.date()) and time(9) <= local_at.time() < time(17) and not in_break


@given(STARTS.map(lambda at: at.replace(second=0)), st.integers(0, 60 * 24 * 12))
def test_open_minutes_counted_one_by_one_are_those_of_the_calendar(start: datetime, minutes: int) -> None:
    counted = sum((slowly_open(start + n * MINUTE) for n in range(minutes)), 0)
    assert WITH_BREAK.open_between(start, start + minutes * MINUTE) == counted * MINUTE


@given(STARTS.map(lambda at: at.replace(second=0)), st.integers(1, 60 * 40))
def test_a_limit_ends_with_the_minute_that_a_count_one_by_one_ends_with(start: datetime, minutes: int) -> None:
    at, left = start, minutes
    while left:
        left -= slowly_open(at)
        at += MINUTE
    assert WITH_BREAK.after(start, minutes * MINUTE) == at


def test_a_break_takes_no_time_and_nothing_is_due_in_it() -> None:
    assert WITH_BREAK.due(local("2026-03-06T12:00"), working(hours=1)) == local("2026-03-06T14:30")
    assert WITH_BREAK.due(local("2026-03-05T13:00"), working(days=1)) == local("2026-03-06T14:00")
    assert CALENDAR.due(local("2026-03-05T13:00"), working(days=1)) == local("2026-03-06T13:00")


@cases("pause", (["08:00", "10:00"], ["14:00", "12:00"], ["16:00", "17:00"]))
def test_a_break_outside_opening_hours_is_refused(pause: list[str]) -> None:
    week = {"days": ["friday"], "opens": "09:00", "closes": "17:00", "break": {"friday": pause}}
    with pytest.raises(ValueError, match="break"):
        Calendar.of({"timezone": "Asia/Karachi", "working_week": week, "holidays": []})


def test_holidays_are_to_be_confirmed_two_weeks_ahead_and_a_year_needs_some() -> None:
    expected = [day for day in sorted(CALENDAR.unconfirmed) if day.year == 2026]
    assert CALENDAR.to_confirm(expected[0] - timedelta(days=15)) == []
    assert CALENDAR.to_confirm(expected[0] - timedelta(days=14)) == expected[:1]
    assert expected[0] not in CALENDAR.to_confirm(expected[0] + timedelta(days=31))
    assert date(2028, 1, 1) in CALENDAR.to_confirm(date(2027, 11, 30))
