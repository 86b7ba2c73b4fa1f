"""A queue with its own workers, which no other queue can delay."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any

import structlog

from services.notifier.sending.attempts import Job

MIN_PAUSE = 0.005

log = structlog.get_logger(__name__)

Find = Callable[[int], Awaitable[tuple[Sequence[Job], float]]]
"""Claims at most that many jobs; returns them, and the seconds to wait if there are none."""
Do = Callable[[Job], Coroutine[Any, Any, None]]


class Lane:
    """Finds jobs and does a limited number at once; memory does not grow with the backlog."""

    def __init__(self, name: str, find: Find, do: Do, workers: int, every: float) -> None:
        self._name = name
        self._find = find
        self._do = do
        self._workers = workers
        self._every = every
        self._jobs: set[asyncio.Task[None]] = set()
        self._woken = asyncio.Event()

    def wake(self) -> None:
        """Look for jobs at once."""
        self._woken.set()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            self._woken.clear()
            pause = await self._start()
            if len(self._jobs) >= self._workers:
                await asyncio.wait(self._jobs, return_when=asyncio.FIRST_COMPLETED)
            elif pause:
                await self._wait(pause)

    async def round(self, limit: int) -> int:
        """Find and do jobs once; returns their number."""
        jobs, _ = await self._find(limit)
        await asyncio.gather(*(self._do(job) for job in jobs))
        return len(jobs)

    async def finish(self, patience: float) -> None:
        """Wait for running jobs; those that take longer are left to their lease."""
        if self._jobs:
            _, late = await asyncio.wait(self._jobs, timeout=patience)
            for job in late:
                job.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _start(self) -> float:
        """Start as many jobs as there are and fit; returns how long to wait if there are none."""
        try:
            jobs, pause = await self._find(self._workers - len(self._jobs))
        except Exception as error:  # the store is unavailable, or a bug: it must not end the lane
            log.warning("courier.failed", lane=self._name, error=type(error).__name__)
            return self._every
        for job in jobs:
            task = asyncio.create_task(self._do(job))
            self._jobs.add(task)
            task.add_done_callback(self._jobs.discard)
        return 0.0 if jobs else max(pause, MIN_PAUSE)

    async def _wait(self, pause: float) -> None:
        try:
            async with asyncio.timeout(pause):
                await self._woken.wait()
        except TimeoutError:
            return
