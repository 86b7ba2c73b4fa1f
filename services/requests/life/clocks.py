"""Looks for requests whose clock is due and has their steps taken; any replica may, each request is leased to one."""

import structlog

from services.requests.life.service.clocks import Clocks, by_name
from services.requests.request.store.requests import RequestStore

BATCH = 200

log = structlog.get_logger(__name__)


async def take_due(store: RequestStore, clocks: Clocks, lease: float) -> None:
    """Take every step that is due, in batches; a claim holds for `lease` seconds."""
    while claimed := await store.claim_due(BATCH, lease):
        taken = await clocks.take(claimed)
        log.info("clocks.taken", taken=taken, **by_name(claimed))
        if len(claimed) < BATCH:
            return
