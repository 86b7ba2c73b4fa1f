"""Tells the gateways which requests changed, so that live streams are updated at once."""

from collections.abc import Sequence

from services.requests.request.models.request import Request
from shared.bus.live import WakeUps

PAUSE = 0.1
"""Minimum seconds between two wake-ups."""


class RequestWakeUps(WakeUps):
    """Wakes the live streams of citizens and of tracked requests."""

    def __init__(self) -> None:
        super().__init__(PAUSE)

    def add(self, requests: Sequence[Request]) -> None:
        """Add requests that were just written."""
        self.note("requests", (request.id for request in requests))
        for request in requests:
            self.note("citizens", (request.citizen_id, *(follower["citizen_id"] for follower in request.followers)))
