"""How long things took, as counts of days: they can be added up over groups and months, and give median and 90 %.

A time is counted in tenths of a day, rounded up; from ten days on in whole days.
"""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil

TENTH = timedelta(days=0.1)
LONG = 100
"""Tenths of a day; from here on whole days are counted."""


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
