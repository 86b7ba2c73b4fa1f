"""Tells the gateways whose requests have changed, so that live streams read anew at once.

A wake-up carries ids only and may be lost without harm: streams also look by themselves every few seconds. What
changes while one is on its way shares the next.
"""

import asyncio
import json
import secrets
from collections.abc import Sequence

from services.requests.models.request import Request
from shared.bus import Message, Publisher
from shared.bus.topology import LIVE

PAUSE = 0.02
"""Seconds between two wake-ups at the least."""


class WakeUps:
    """Collects changed requests and publishes them together; run it as a task."""

    def __init__(self) -> None:
        self._citizens: set[str] = set()
        self._requests: set[str] = set()
        self._changed = asyncio.Event()

    def add(self, requests: Sequence[Request]) -> None:
        """Note requests that were just written."""
        for request in requests:
            self._citizens.add(request.citizen_id)
            self._citizens.update(follower["citizen_id"] for follower in request.followers)
            self._requests.add(request.id)
        self._changed.set()

    async def run(self, publisher: Publisher) -> None:
        """Publish until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            body = json.dumps({"citizens": sorted(self._citizens), "requests": sorted(self._requests)}).encode()
            self._citizens.clear()
            self._requests.clear()
            message = Message(LIVE, "", body, secrets.token_hex(8), persistent=False, mandatory=False)
            await publisher.publish([message])
            await asyncio.sleep(PAUSE)
