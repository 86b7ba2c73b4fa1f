"""What a service's own past says of how long it takes: half of them, and nine of ten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from math import ceil

LEAST = 30
"""Below this nothing is said: a range from a handful would only look like knowledge."""


@dataclass(frozen=True)
class DurationStats:
    """Half were done within `half`, nine of ten within `most`; of so many requests."""

    half: timedelta
    most: timedelta
    based_on: int


def past_of(durations: Sequence[timedelta]) -> DurationStats | None:
    """The past in these durations; None where there are too few."""
    if len(durations) < LEAST:
        return None
    ordered = sorted(durations)
    return DurationStats(within(ordered, 50), within(ordered, 90), len(ordered))


def within(ordered: Sequence[timedelta], percent: int) -> timedelta:
    """The shortest of the durations within which at least `percent` of them lie (nearest rank)."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]
