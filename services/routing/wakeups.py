"""Tells the gateways which departments' assignments have changed, so that live streams read again at once."""

from collections.abc import Sequence

from services.routing.models.assignment import Assignment
from shared.bus.live import WakeUps

PAUSE = 0.5
"""Seconds between two wake-ups at least, because each one makes every stream of the department read."""


class DepartmentWakeUps(WakeUps):
    """Wakes the live streams of a department's staff."""

    def __init__(self) -> None:
        super().__init__(PAUSE)

    def add(self, assignments: Sequence[Assignment]) -> None:
        """Note assignments that were just stored."""
        self.note("departments", (one.department for one in assignments if one.department))
