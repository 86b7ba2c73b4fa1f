"""How many messages a second a stand-in takes."""

import time
from collections.abc import Callable


class Rate:
    """Lets so many messages a second through, and a burst of one second's worth."""

    def __init__(self, allowed: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.allowed = allowed
        self._clock = clock
        self._left = allowed or 0.0
        self._at = clock()

    def wait(self) -> float:
        """Seconds until the next may come; 0 when this one may, which then counts."""
        if self.allowed is None:
            return 0.0
        now = self._clock()
        self._left = min(max(self.allowed, 1.0), self._left + (now - self._at) * self.allowed)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self.allowed
