"""Due steps of waiting requests: remind the citizen, close without an answer, let an outcome stand."""

from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, cast

import structlog

from services.requests.request.models.lifecycle import ActorKind
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from shared import events
from shared.clock import Clock, utc_now

BATCH = 200

log = structlog.get_logger(__name__)


def remind(request: Request, now: datetime) -> None:
    """Remind the citizen of the next step, and of what happens otherwise on which day."""
    wait, until = request.wait, request.waits_until
    assert wait is not None
    assert until is not None
    request.note("remind", ActorKind.CLOCK, now)
    request.reminded()
    final = True if wait.about == "resolved_by_head" and request.appeal is not None else None
    request.emit(events.RequestReminded(citizen_id=request.citizen_id, about=wait.about, until=until, final=final), now)


def lapse(request: Request, now: datetime) -> None:
    """Close the request: the citizen did not answer in time."""
    waited_for = cast(Literal["information_needed", "questioned"], str(request.state))
    request.take("lapse", ActorKind.CLOCK, now)
    request.emit(events.RequestLapsed(citizen_id=request.citizen_id, waited_for=waited_for), now)


def let_stand(request: Request, now: datetime) -> None:
    """Close the request: the citizen did not dispute the outcome in time."""
    request.take("let_stand", ActorKind.CLOCK, now)
    request.emit(events.RequestLetStand(citizen_id=request.citizen_id), now)


Errand = Callable[[Request], Awaitable[None]]
"""A step that also changes another request, and does its own writes."""
DUE = {"remind": remind, "lapse": lapse, "let_stand": let_stand}


@dataclass(frozen=True, slots=True)
class Clocks:
    """Takes the due steps of requests whose clocks this process has claimed."""

    store: RequestStore
    clock: Clock = utc_now
    errands: Mapping[str, Errand] = field(default_factory=dict)

    async def take(self, requests: Sequence[Request]) -> int:
        """Take the due step of each request, in one write; returns how many took it.

        A request that changed meanwhile is looked at again when it is next due.
        """
        now, taken = self.clock(), []
        for request in requests:
            try:
                if errand := self.errands.get(str(request.clock)):
                    await errand(request)
                    continue
                DUE[str(request.clock)](request, now)
            except Exception as error:
                # One bad document must not stop all other clocks; it is tried again after its lease.
                log.error("clocks.unexpected", request=request.id, error=type(error).__name__, exc_info=error)
            else:
                taken.append(request)
        lost = await self.store.save_many(taken)
        return len(taken) - len(lost)

    async def take_due(self, lease: float) -> None:
        """Take all due steps, in batches; a claim holds for `lease` seconds."""
        while claimed := await self.store.claim_due(BATCH, lease):
            taken = await self.take(claimed)
            log.info("clocks.taken", taken=taken, **Counter(str(request.clock) for request in claimed))
            if len(claimed) < BATCH:
                return
