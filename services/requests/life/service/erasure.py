"""Finishes the erasure of citizens: their open requests are withdrawn, and all of them are anonymised.

The mark on the citizen's replica says that this is to be done. Each request is one write, so crashes and other
replicas do no harm.
"""

from dataclasses import dataclass

import structlog

from services.requests.duplicates.models import unfollow
from services.requests.files.store.attachments import AttachmentStore
from services.requests.filing.store import DraftStore
from services.requests.life.models import anonymise
from services.requests.request.models.lifecycle import ActorKind, State, target
from services.requests.request.models.request import Request
from services.requests.request.store.access_log import AccessLogStore
from services.requests.request.store.replicas import CitizenReplicaStore
from services.requests.request.store.requests import RequestStore
from shared import events
from shared.clock import Clock, utc_now

REQUEST_BATCH = 50
ACCESS_BATCH = 1000

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Erasure:
    """The sweep over erased citizens."""

    citizens: CitizenReplicaStore
    requests: RequestStore
    drafts: DraftStore
    accesses: AccessLogStore
    files: AttachmentStore
    clock: Clock = utc_now

    async def sweep(self) -> int:
        """Anonymise the requests found now; returns how many."""
        done, ended = 0, []
        for citizen in await self.citizens.erasing():
            await self.drafts.forget(citizen.id)
            await self._forget_accesses(citizen.id)
            await self.files.expire_unused(citizen.id)
            await self._unfollow(citizen.id)
            done += await self._requests_of(citizen.id)
            if citizen.erasing_until is not None and citizen.erasing_until <= self.clock():
                citizen.erasing_until = None
                ended.append(citizen)
        await self.citizens.save_many(ended)
        return done

    async def _requests_of(self, citizen_id: str) -> int:
        done = 0
        while found := await self.requests.of_citizen(citizen_id, REQUEST_BATCH):
            for request in found:
                self._withdraw(request)
                anonymise(request, "erasure")
            lost = await self.requests.save_many(found)
            done += len(found) - len(lost)
        if done:
            log.info("requests.anonymised", citizen=citizen_id, requests=done)
        return done

    async def _forget_accesses(self, citizen_id: str) -> None:
        """Forget each access by an event, since the event of the access itself may still be on its way."""
        while found := await self.accesses.of_citizen(citizen_id, ACCESS_BATCH):
            for access in found:
                access.forget(self.clock(), erased=True)
            await self.accesses.save_many(found)

    async def _unfollow(self, citizen_id: str) -> None:
        while found := await self.requests.followed_by(citizen_id, REQUEST_BATCH):
            for request in found:
                unfollow(request, citizen_id, self.clock())
            await self.requests.save_many(found)

    def _withdraw(self, request: Request) -> None:
        """Withdraw an open request, as its citizen would."""
        if target("withdraw", ActorKind.CITIZEN, State(request.state)) is not None:
            now = self.clock()
            request.take("withdraw", ActorKind.CITIZEN, now, by=request.citizen_id)
            request.emit(events.RequestWithdrawn(citizen_id=request.citizen_id), now)
