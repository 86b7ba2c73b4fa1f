"""Tells the gateways at which departments something has happened, so that their live streams read anew at once."""

from collections.abc import Sequence

from services.routing.models.assignment import Assignment
from shared.bus.live import WakeUps

PAUSE = 0.5
"""Seconds between two wake-ups at the least: each has every stream of its departments read."""


class DepartmentWakeUps(WakeUps):
    """Wakes those who work at a department."""

    def __init__(self) -> None:
        super().__init__(PAUSE)

    def add(self, assignments: Sequence[Assignment]) -> None:
        """Note assignments that were just written."""
        self.note("departments", (one.department for one in assignments if one.department))
