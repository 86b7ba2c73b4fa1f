"""Statistics of how long the requests of a service took: half of them, and nine of ten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

MIN_COUNT = 30
"""With fewer requests a range would be misleading, so none is given."""


@dataclass(frozen=True)
class DurationStats:
    """Half were done within `half`, nine of ten within `most`, out of `based_on` requests."""

    half: timedelta
    most: timedelta
    based_on: int


def duration_stats(durations: Sequence[timedelta]) -> DurationStats | None:
    """The statistics of these durations; None where there are too few."""
    if len(durations) < MIN_COUNT:
        return None
    ordered = sorted(durations)
    return DurationStats(within(ordered, 50), within(ordered, 90), len(ordered))


def within(ordered: Sequence[timedelta], percent: int) -> timedelta:
    """The shortest of the durations within which at least `percent` of them lie (nearest rank)."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
