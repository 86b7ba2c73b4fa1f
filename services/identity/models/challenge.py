"""The counters of one registration's codes. They are kept alike for ids that lead nowhere, so that nothing tells."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

TRIES_A_CODE = 5
TRIES = 10
"""Over all codes of a challenge: a new code does not give new tries for ever (NIST SP 800-63B)."""
WAITS = (30, 60, 120)
"""Seconds after the first, second, third and later sends."""
SENDS = 5
SENDS_WITHIN = timedelta(hours=1)
KEPT = timedelta(hours=24)


@dataclass(frozen=True)
class Challenge:
    """When codes were sent, and how often the newest and all of them were tried."""

    id: str
    sends: tuple[datetime, ...]
    tries: int = 0
    tries_in_all: int = 0

    def next_send(self) -> datetime:
        """From when another code may be sent."""
        after_wait = self.sends[-1] + timedelta(seconds=WAITS[min(len(self.sends), len(WAITS)) - 1])
        if len(self.sends) < SENDS:
            return after_wait
        return max(after_wait, self.sends[-SENDS] + SENDS_WITHIN)

    def seconds_to_wait(self, now: datetime) -> int:
        """Whole seconds until another code may be sent; 0 when it may."""
        return max(0, math.ceil((self.next_send() - now).total_seconds()))
