"""How often wrong digits may be tried, and what is left of that.

There are four digits, so a stranger who knows a number guesses right once in 10,000 tries. One network has 48 tries a
day and all networks together have 144, about one chance in 70 a day. Citizens are locked out only when ten other
networks have used up their tries.
"""

from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True)
class Bucket:
    """`most` wrong tries at once, of which one comes back after `every`; `code` is the problem when none is left."""

    most: int
    every: timedelta
    code: str


HERE = Bucket(10, timedelta(minutes=30), "digits-locked-here")
NUMBER = Bucket(100, timedelta(minutes=10), "digits-locked")
AN_ADDRESS_AN_HOUR = 300


def of_an_address(most: int) -> Bucket:
    """`most` tries at once, and as many in an hour, over all numbers: hundreds of people may share the address."""
    return Bucket(most, timedelta(hours=1) / most, "network-failures")


@dataclass(frozen=True)
class TrackLimits:
    """How many wrong digits are looked at: of one number from one address, of one number, from one address."""

    here: Bucket = HERE
    number: Bucket = NUMBER
    address: Bucket = field(default_factory=lambda: of_an_address(AN_ADDRESS_AN_HOUR))


@dataclass(frozen=True)
class Tally:
    """How many tries were granted; where these are too few, the seconds until there is another, and the problem."""

    granted: int
    seconds: int
    code: str
