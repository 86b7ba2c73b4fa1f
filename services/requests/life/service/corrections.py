"""Tells departments that name or mobile of a citizen changed, by an event of each of their requests.

The mark on the citizen's replica says that this is to be done. It goes when all requests have their event; after a
crash some requests get a second event, which does no harm.
"""

import structlog

from services.requests.request.store.replicas import CitizenReplicaStore
from services.requests.request.store.requests import RequestStore
from shared.clock import Clock, utc_now
from shared.events import RequestCitizenCorrected

CITIZENS = 50

log = structlog.get_logger(__name__)


class ContactCorrections:
    """The sweep over citizens whose name or mobile changed."""

    def __init__(self, citizens: CitizenReplicaStore, requests: RequestStore, clock: Clock = utc_now) -> None:
        self._citizens = citizens
        self._requests = requests
        self._clock = clock

    async def sweep(self) -> None:
        """Tell of the changes found now."""
        for citizen in await self._citizens.corrected(CITIZENS):
            if not await self._tell(citizen.id):
                citizen.corrected_at = None
                await self._citizens.save_many([citizen])

    async def _tell(self, citizen_id: str) -> set[str]:
        """Add the event to each request that a department has; the requests that changed meanwhile."""
        found = [one for one in await self._requests.at_departments(citizen_id) if not one.hides_citizen]
        for request in found:
            request.emit(RequestCitizenCorrected(citizen_id=citizen_id), self._clock())
        lost = await self._requests.save_many(found) if found else set()
        if found:
            log.info("requests.citizen_corrected", requests=len(found) - len(lost))
        return lost
