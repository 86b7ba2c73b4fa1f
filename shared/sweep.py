"""Repeating background tasks, which continue after an error."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from typing import Any

import structlog

from shared.mongo import OUTAGES

log = structlog.get_logger(__name__)


@asynccontextmanager
async def in_background(rounds: Iterable[Coroutine[Any, Any, object]]) -> AsyncIterator[None]:
    """Run these while the context is open; it ends with the first one that fails."""
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(one) for one in rounds]
        try:
            yield
        finally:
            for task in running:
                task.cancel()


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
