"""Looks for requests whose clock is due and has their steps taken; any replica may, each request is leased to one."""

import asyncio

import structlog

from services.requests.service.clocks import Clocks, by_name
from services.requests.store import RequestStore
from shared.mongo import OUTAGES

BATCH = 200

log = structlog.get_logger(__name__)


async def run_clocks(store: RequestStore, clocks: Clocks, *, every: float, lease: float) -> None:
    """Look every so many seconds until cancelled; a claim holds for `lease` seconds."""
    while True:
        claimed = []
        try:
            claimed = await store.claim_due(BATCH, lease)
            if claimed:
                taken = await clocks.take(claimed)
                log.info("clocks.taken", taken=taken, **by_name(claimed))
        except OUTAGES as error:
            log.warning("clocks.store_away", error=type(error).__name__)
        if len(claimed) < BATCH:
            await asyncio.sleep(every)
