"""Months, in the time zone of the portal; and how long things took, as counts of days.

Such counts can be added up over groups and months, and give median and 90 %. A time is counted in tenths of a day,
rounded up; from ten days on in whole days.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from math import ceil

from shared.clock import PAKISTAN

TENTH = timedelta(days=0.1)
LONG = 100
"""Tenths of a day; from here on whole days are counted."""
MONTH = r"^2\d{3}-(0[1-9]|1[0-2])$"
"""How a month is written."""
MONTHS_SHOWN = 12
MAX_MONTHS = 60


def tenths_of(took: timedelta) -> int:
    """The tenths of a day under which a time is counted."""
    tenths = max(1, ceil(took / TENTH))
    return tenths if tenths <= LONG else ceil(tenths / 10) * 10


def days_within(counted: Mapping[int, int], percent: int, fewest: int) -> float | None:
    """The days within which `percent` per cent were done (nearest rank); None if there are fewer than `fewest`."""
    total = sum(counted.values())
    if total < fewest:
        return None
    rank, seen = ceil(total * percent / 100), 0
    for tenths in sorted(counted):
        seen += counted[tenths]
        if seen >= rank:
            return tenths / 10
    return None


def month_of(at: datetime) -> str:
    """The month of a moment: 2026-11."""
    return f"{at.astimezone(PAKISTAN):%Y-%m}"


def earlier(month: str, months: int) -> str:
    """The month that is `months` months earlier."""
    total = int(month[:4]) * 12 + int(month[5:]) - 1 - months
    return f"{total // 12:04}-{total % 12 + 1:02}"


def months_between(first: str, last: str) -> list[str]:
    """The months from the first to the last; none if the first is later. At most one more than `MAX_MONTHS`."""
    found: list[str] = []
    while (month := earlier(first, -len(found))) <= last and len(found) <= MAX_MONTHS:
        found.append(month)
    return found
