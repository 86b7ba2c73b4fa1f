"""What rules may ask of a date in the answers: how long ago it was, and whether it is still to come.

A day is the day in Pakistan. Callers pass the day of the filing as `today`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from shared.clock import PAKISTAN

BOUNDS = {"x-not-after": "too_late", "x-not-before": "too_early"}
"""The keywords of a question that bound its date, and the code of the error."""
TODAY = "today"
BOUND = re.compile(r"today|([+-][0-9]{1,5})([dy])")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_of(moment: datetime) -> date:
    """The day that it is in Pakistan at a moment."""
    return moment.astimezone(PAKISTAN).date()


def read_day(text: Any) -> date | None:
    """A date as answers have it, 2026-03-09; None for everything else."""
    if not isinstance(text, str) or not DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_bound(text: Any) -> bool:
    """Whether this bounds a date: `today`, or so many days or years from it, such as `-60d` and `+10y`."""
    return isinstance(text, str) and BOUND.fullmatch(text) is not None


def bound_day(bound: str, today: date) -> date:
    """The day that a bound means; beyond the calendar it is the first or last day of that."""
    found = BOUND.fullmatch(bound)
    assert found is not None  # forms are looked at before they are taken
    if found[1] is None:
        return today
    count = int(found[1])
    try:
        return today + timedelta(days=count) if found[2] == "d" else _years_on(today, count)
    except (OverflowError, ValueError):
        return date.max if count > 0 else date.min


def broken_bounds(question: Mapping[str, Any], answer: Any, today: date) -> Iterator[tuple[str, str]]:
    """The keywords of a question that its date breaks, each with the code of the error."""
    day = read_day(answer)
    if day is None:
        return
    if "x-not-after" in question and day > bound_day(question["x-not-after"], today):
        yield "x-not-after", BOUNDS["x-not-after"]
    if "x-not-before" in question and day < bound_day(question["x-not-before"], today):
        yield "x-not-before", BOUNDS["x-not-before"]


def times_since(answers: Mapping[str, Any], today: date) -> dict[str, dict[str, int]]:
    """For each date among the answers the days and the whole years since; below zero for one that is to come."""
    days = {name: day for name, answer in answers.items() if (day := read_day(answer)) is not None}
    return {
        "days_since": {name: (today - day).days for name, day in days.items()},
        "years_since": {name: years_since(day, today) for name, day in days.items()},
    }


def years_since(day: date, today: date) -> int:
    """Whole years, as an age: a person born on 29 February is a year older on 1 March in other years."""
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _years_on(day: date, years: int) -> date:
    """The same day in another year; 28 February where that has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
