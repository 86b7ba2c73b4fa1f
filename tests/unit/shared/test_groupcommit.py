"""Group commit: a single item does not wait, items share flushes under load, each caller gets its own result."""

import asyncio
from collections.abc import Sequence

import pytest

from shared.groupcommit import GroupCommit, OverloadedError
from tests.fakes import until


class Flushes:
    """A flush that records its batches, doubles each item, and can be held or made to fail."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.running = self.most_running = 0
        self.error: Exception | None = None
        self.open = asyncio.Event()
        self.open.set()

    async def __call__(self, items: Sequence[int]) -> Sequence[int]:
        """Wait for the gate, then answer or fail."""
        self.batches.append(list(items))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.open.wait()
            if self.error is not None:
                raise self.error
            return [item * 2 for item in items]
        finally:
            self.running -= 1


async def test_a_single_item_goes_at_once_and_alone() -> None:
    flushes = Flushes()
    commit = GroupCommit(flushes)
    async with asyncio.timeout(0.5):
        assert await commit.submit(1) == 2
        assert await commit.submit(2) == 4
    assert flushes.batches == [[1], [2]]


async def test_items_that_arrive_together_share_one_flush() -> None:
    flushes = Flushes()
    commit = GroupCommit(flushes)
    assert await asyncio.gather(*(commit.submit(n) for n in range(150))) == [n * 2 for n in range(150)]
    assert flushes.batches == [list(range(150))]


async def test_items_that_arrive_during_a_flush_share_the_next() -> None:
    flushes = Flushes()
    flushes.open.clear()
    commit = GroupCommit(flushes, in_flight=1)
    first = asyncio.create_task(commit.submit(0))
    await until(lambda: flushes.running == 1)
    later = [asyncio.create_task(commit.submit(n)) for n in range(1, 51)]
    await asyncio.sleep(0)
    assert flushes.batches == [[0]]
    flushes.open.set()
    assert await asyncio.gather(first, *later) == [n * 2 for n in range(51)]
    assert flushes.batches == [[0], list(range(1, 51))]


async def test_flushes_keep_their_distance_and_a_first_one_does_not_wait() -> None:
    flushes, clock = Flushes(), asyncio.get_running_loop().time
    commit = GroupCommit(flushes, spacing=0.05)
    begun = clock()
    await commit.submit(0)
    assert clock() - begun < 0.05
    await asyncio.gather(*(commit.submit(n) for n in range(1, 4)))
    assert clock() - begun >= 0.05
    assert flushes.batches == [[0], [1, 2, 3]]


async def test_flushes_are_bounded_in_number_and_size() -> None:
    flushes = Flushes()
    flushes.open.clear()
    commit = GroupCommit(flushes, in_flight=2, most=10)
    tasks = []
    for n in range(100):
        tasks.append(asyncio.create_task(commit.submit(n)))
        await asyncio.sleep(0)
    flushes.open.set()
    assert await asyncio.gather(*tasks) == [n * 2 for n in range(100)]
    assert flushes.most_running <= 2
    assert max(map(len, flushes.batches)) <= 10
    assert sorted(n for batch in flushes.batches for n in batch) == list(range(100))


async def test_an_error_reaches_all_writers_of_its_group_and_no_others() -> None:
    flushes = Flushes()
    flushes.error = OSError("away")
    commit = GroupCommit(flushes)
    results = await asyncio.gather(*(commit.submit(n) for n in range(20)), return_exceptions=True)
    assert all(result is flushes.error for result in results)
    flushes.error = None
    assert await commit.submit(7) == 14


async def test_a_flush_with_too_few_results_fails_its_callers_and_stops_nobody_else() -> None:
    results = iter([[], [4]])

    async def flush(_: Sequence[int]) -> Sequence[int]:
        return next(results)

    commit = GroupCommit(flush)
    async with asyncio.timeout(0.5):
        with pytest.raises(ValueError, match="shorter"):
            await commit.submit(1)
        assert await commit.submit(2) == 4


async def test_cancelled_caller_does_not_affect_the_others() -> None:
    flushes = Flushes()
    flushes.open.clear()
    commit = GroupCommit(flushes)
    tasks = [asyncio.create_task(commit.submit(n)) for n in range(3)]
    await until(lambda: flushes.running == 1)
    tasks[1].cancel()
    flushes.open.set()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert results[0] == 0
    assert isinstance(results[1], asyncio.CancelledError)
    assert results[2] == 4
    assert flushes.batches == [[0, 1, 2]]
    assert await commit.submit(9) == 18


async def test_cancelled_caller_does_not_affect_a_failing_flush() -> None:
    flushes = Flushes()
    flushes.open.clear()
    flushes.error = OSError("away")
    commit = GroupCommit(flushes)
    tasks = [asyncio.create_task(commit.submit(n)) for n in range(2)]
    await until(lambda: flushes.running == 1)
    tasks[0].cancel()
    flushes.open.set()
    assert [type(r) for r in await asyncio.gather(*tasks, return_exceptions=True)] == [asyncio.CancelledError, OSError]


async def test_more_waiting_than_can_be_written_in_time_is_refused_at_once() -> None:
    flushes = Flushes()
    flushes.open.clear()
    commit = GroupCommit(flushes, in_flight=1, most=5, limit=10)
    first = asyncio.create_task(commit.submit(0))
    await until(lambda: flushes.running == 1)
    waiting = [asyncio.create_task(commit.submit(n)) for n in range(1, 11)]
    await asyncio.sleep(0)
    with pytest.raises(OverloadedError):
        await commit.submit(99)
    flushes.open.set()
    assert await asyncio.gather(first, *waiting) == [n * 2 for n in range(11)]
    assert await commit.submit(50) == 100
