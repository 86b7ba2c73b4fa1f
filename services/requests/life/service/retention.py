"""Anonymises requests at the end of their retention, in batches (docs/runbook.md)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, get_args

import structlog

from services.requests.life.models import KeepDays, Overdue, anonymise
from services.requests.life.store import RetentionStore
from services.requests.request.models.lifecycle import Ended
from services.requests.request.store.access_log import AccessLogStore
from services.requests.request.store.requests import RequestStore
from shared.clock import Clock, utc_now

BATCH = 200
ACCESS_BATCH = 1000
MAX_LOST = 5
"""Batches in a row that may lose to other writers before the run gives up."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Retention:
    """Finds and anonymises overdue requests."""

    store: RetentionStore
    requests: RequestStore
    accesses: AccessLogStore
    keep_days: KeepDays
    clock: Clock = utc_now

    async def overdue(self) -> list[Overdue]:
        """The requests that a run would anonymise now, by service."""
        found = []
        for ended in get_args(Ended):
            for service in await self.store.services(ended):
                before = self.clock() - timedelta(days=getattr(self.keep_days, ended))
                if (overdue := await self.store.overdue(service, ended, before)) is not None:
                    found.append(overdue)
        return found

    async def run(self, by: Literal["command", "schedule"]) -> dict[str, int]:
        """Anonymise all overdue requests; returns how many, by service and how they had ended."""
        done: dict[str, int] = {}
        for overdue in await self.overdue():
            if count := await self._anonymise(overdue):
                done[f"{overdue.service} {overdue.ended}"] = count
                log.info("retention.anonymised", by=by, service=overdue.service, ended=overdue.ended, requests=count)
        await self.store.note(self.clock(), by, done)
        return done

    async def run_if_due(self, every: timedelta) -> None:
        """Run the schedule if it is due and no other replica has; never if `every` is zero."""
        if every and await self.store.claim(every):
            await self.run("schedule")

    async def _anonymise(self, overdue: Overdue) -> int:
        done = lost_in_a_row = 0
        while lost_in_a_row < MAX_LOST and (found := await self.store.oldest(overdue, BATCH)):
            await self._forget_accesses([request.id for request in found])
            for request in found:
                anonymise(request, "retention")
            saved = len(found) - len(await self.requests.save_many(found))
            done += saved
            lost_in_a_row = 0 if saved else lost_in_a_row + 1
        return done

    async def _forget_accesses(self, numbers: Collection[str]) -> None:
        """Remove the citizens from the accesses to these requests, while the requests still name them."""
        while accesses := await self.accesses.at_requests(numbers, ACCESS_BATCH):
            for access in accesses:
                access.forget(self.clock())
            await self.accesses.save_many(accesses)
