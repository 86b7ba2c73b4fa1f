"""How often wrong digits may be tried, and how often they were."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class TrackLimits:
    """How many wrong digits are looked at in a window, for one number and for one address."""

    per_number: int
    per_address: int
    window: timedelta


@dataclass(frozen=True)
class Tally:
    """How many (tried so far, or granted now), and after how many seconds the count starts anew."""

    count: int
    seconds: int
