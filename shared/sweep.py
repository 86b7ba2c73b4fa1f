"""Repeating background tasks, which continue after an error."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog

from shared.mongo import OUTAGES

log = structlog.get_logger(__name__)


async def sweep_forever(
    name: str, every: float, sweep: Callable[[], Awaitable[object]], *, at_once: bool = False
) -> None:
    """Call `sweep` every `every` seconds until cancelled. Errors are logged by class, without their message."""
    pause = 0.0 if at_once else every
    while True:
        await asyncio.sleep(pause)
        pause = every
        try:
            await sweep()
        except OUTAGES as error:
            log.warning("sweep.store_away", sweep=name, error=type(error).__name__)
        except Exception as error:
            log.error("sweep.failed", sweep=name, error=type(error).__name__)
