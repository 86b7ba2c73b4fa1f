"""Tells the gateways whose requests have changed, so that live streams read anew at once."""

from collections.abc import Sequence

from services.requests.request.models.request import Request
from shared.bus.live import WakeUps

PAUSE = 0.1
"""Seconds between two wake-ups at the least."""


class RequestWakeUps(WakeUps):
    """Wakes the streams of citizens, and those of tracked requests."""

    def __init__(self) -> None:
        super().__init__(PAUSE)

    def add(self, requests: Sequence[Request]) -> None:
        """Note requests that were just written."""
        self.note("requests", (request.id for request in requests))
        for request in requests:
            self.note("citizens", (request.citizen_id, *(follower["citizen_id"] for follower in request.followers)))
