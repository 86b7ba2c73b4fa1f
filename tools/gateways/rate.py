"""The rate limit of a stand-in."""

import time
from collections.abc import Callable


class Rate:
    """Allows a number of messages a second, and a burst of one second's number."""

    def __init__(self, allowed: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self.allowed = allowed
        self._clock = clock
        self._left = allowed or 0.0
        self._at = clock()

    def wait(self) -> float:
        """Seconds to wait; 0 if a message is allowed now, which is then counted."""
        if self.allowed is None:
            return 0.0
        now = self._clock()
        self._left = min(max(self.allowed, 1.0), self._left + (now - self._at) * self.allowed)
        self._at = now
        if self._left >= 1:
            self._left -= 1
            return 0.0
        return (1 - self._left) / self.allowed
