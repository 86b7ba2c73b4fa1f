"""Rules about dates in the answers: bounds, and the time since. Days are those of Pakistan; `today` is the filing's."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from shared.clock import PAKISTAN

BOUNDS = {"x-not-after": "too_late", "x-not-before": "too_early"}
"""The keywords that bound a date, with their error codes."""
TODAY = "today"
BOUND = re.compile(r"today|([+-][0-9]{1,5})([dy])")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def day_of(moment: datetime) -> date:
    """The day in Pakistan at a moment."""
    return moment.astimezone(PAKISTAN).date()


def read_day(text: Any) -> date | None:
    """A date such as 2026-03-09; None for anything else."""
    if not isinstance(text, str) or not DAY.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def is_bound(text: Any) -> bool:
    """Whether this is a bound: `today`, or days or years from it, such as `-60d` and `+10y`."""
    return isinstance(text, str) and BOUND.fullmatch(text) is not None


def bound_day(bound: str, today: date) -> date:
    """The day of a bound, limited to the range of the calendar."""
    found = BOUND.fullmatch(bound)
    assert found is not None  # forms are checked before they are published
    if found[1] is None:
        return today
    count = int(found[1])
    try:
        return today + timedelta(days=count) if found[2] == "d" else _years_on(today, count)
    except (OverflowError, ValueError):
        return date.max if count > 0 else date.min


def broken_bounds(question: Mapping[str, Any], answer: Any, today: date) -> Iterator[tuple[str, str]]:
    """The bounds of a question that its date breaks: keyword and error code."""
    day = read_day(answer)
    if day is None:
        return
    if "x-not-after" in question and day > bound_day(question["x-not-after"], today):
        yield "x-not-after", BOUNDS["x-not-after"]
    if "x-not-before" in question and day < bound_day(question["x-not-before"], today):
        yield "x-not-before", BOUNDS["x-not-before"]


def times_since(answers: Mapping[str, Any], today: date) -> dict[str, dict[str, int]]:
    """For each date among the answers the days and full years since; negative for future dates."""
    days = {name: day for name, answer in answers.items() if (day := read_day(answer)) is not None}
    return {
        "days_since": {name: (today - day).days for name, day in days.items()},
        "years_since": {name: years_since(day, today) for name, day in days.items()},
    }


def years_since(day: date, today: date) -> int:
    """Full years, as an age: a person born on 29 February turns a year older on 1 March in common years."""
    return today.year - day.year - ((today.month, today.day) < (day.month, day.day))


def _years_on(day: date, years: int) -> date:
    """The same day in another year; 28 February if that year has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)
