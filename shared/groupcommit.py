"""Group commit without a timer: items that arrive during a flush share the next one.

Under light load a write starts at once and alone; under heavy load hundreds share one round trip and one journal
flush. Each caller still waits until its item is durable (docs/adr/0002; measured in docs/performance.md).
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class OverloadedError(Exception):
    """Too many items are waiting for one more to be written in time."""


class GroupCommit(Generic[Item, Result]):
    """Shares calls of `flush`, which takes items and returns one result for each, among its callers.

    At most `in_flight` flushes run at once, of at most `most` items each, and each begins at least `spacing` seconds
    after the one before it. More than `limit` items waiting raises OverloadedError.
    """

    def __init__(
        self,
        flush: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        *,
        in_flight: int = 1,
        most: int = 200,
        limit: int = 5000,
        spacing: float = 0.0,
    ) -> None:
        self._flush = flush
        self._free = in_flight
        self._most = most
        self._limit = limit
        self._spacing = spacing
        self._waiting: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def submit(self, item: Item) -> Result:
        """The result of `flush` for this item. An error of `flush` is raised to all callers of that flush."""
        if len(self._waiting) >= self._limit:
            raise OverloadedError
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((item, future))
        self._start()
        return await future

    def _start(self) -> None:
        while self._free and self._waiting:
            self._free -= 1
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self) -> None:
        await asyncio.sleep(0)  # include callers that submit in this iteration of the loop
        clock = asyncio.get_running_loop().time
        while self._waiting:
            following = clock() + self._spacing
            batch = [self._waiting.popleft() for _ in range(min(len(self._waiting), self._most))]
            try:
                results = await self._flush([item for item, _ in batch])
                for (_, future), result in zip(batch, results, strict=True):
                    if not future.done():  # a caller may have been cancelled; its write stays
                        future.set_result(result)
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            await asyncio.sleep(following - clock())  # at once when that is over
        self._free += 1
