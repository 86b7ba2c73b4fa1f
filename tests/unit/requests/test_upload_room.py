"""The memory for uploads: never exceeded, given in turn, and never all of it to slow uploads."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.requests.files.service.upload_budget import SLOW_SHARE, UploadBudget
from services.requests.request.models.attachment import MAX_BYTES
from services.requests.settings import MIN_MEMORY
from shared.errors import UnavailableError

FILE = 5


@given(st.lists(st.integers(1, 30), min_size=1, max_size=40))
def test_uploads_stay_within_the_budget_and_all_get_their_turn(sizes: list[int]) -> None:
    async def crowd() -> None:
        room, in_hand, most = UploadBudget(50, 5.0), [0], [0]

        async def upload(size: int) -> None:
            async with room.hold(size) as place:
                in_hand[0] += size
                most[0] = max(most[0], in_hand[0])
                await asyncio.sleep(0)
                place.complete = True
                in_hand[0] -= size

        await asyncio.gather(*(upload(size) for size in sizes))
        assert most[0] <= 50 * (1 - SLOW_SHARE)
        assert room._quick.left == 30
        assert not room._quick.waiting

    asyncio.run(crowd())


async def slow(room: UploadBudget, owner: str, moved: asyncio.Event) -> None:
    """An upload that never arrives."""
    async with room.hold(FILE, owner) as place:
        for _ in range(1000):
            await asyncio.sleep(0 if place.slow else 0.001)
        moved.set()
        await asyncio.Event().wait()


async def test_slow_uploads_have_their_own_budget() -> None:
    room = UploadBudget(50, 1.0, quick=0.02)
    events = [asyncio.Event() for _ in range(4)]
    senders = [asyncio.create_task(slow(room, f"citizen-{n}", moved)) for n, moved in enumerate(events)]
    for moved in events:
        await moved.wait()
    assert (room._quick.left, room._slow.left) == (30, 0)
    with pytest.raises(UnavailableError):  # the fifth slow one finds no room among the slow
        await slow(room, "citizen-5", asyncio.Event())
    assert room._quick.left == 30
    async with AsyncExitStack() as quick:  # and six quick ones find all of theirs
        for _ in range(6):
            (await quick.enter_async_context(room.hold(FILE))).complete = True
    for sender in senders:
        sender.cancel()
    await asyncio.gather(*senders, return_exceptions=True)
    assert (room._quick.left, room._slow.left) == (30, 20)


async def test_one_account_cannot_use_all_slow_slots() -> None:
    room = UploadBudget(50, 1.0, quick=0.02)
    events = [asyncio.Event() for _ in range(2)]
    senders = [asyncio.create_task(slow(room, "one", moved)) for moved in events]
    for moved in events:
        await moved.wait()
    with pytest.raises(UnavailableError):
        await slow(room, "one", asyncio.Event())
    other = asyncio.Event()
    senders.append(asyncio.create_task(slow(room, "other", other)))
    await other.wait()
    for sender in senders:
        sender.cancel()
    await asyncio.gather(*senders, return_exceptions=True)


async def test_the_time_that_we_take_ourselves_does_not_count() -> None:
    room = UploadBudget(50, 1.0, quick=0.01)
    async with room.hold(FILE) as place:
        place.complete = True
        for _ in range(10):
            await asyncio.sleep(0.005)
        assert not place.slow
    assert room._quick.left == 30


async def test_cancelled_or_timed_out_upload_releases_its_bytes() -> None:
    room = UploadBudget(50, 0.02)
    async with room.hold(30):
        with pytest.raises(UnavailableError):
            async with room.hold(1):
                raise AssertionError
        waiting = asyncio.create_task(anext(aiter_of(room)))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        assert not room._quick.waiting
    assert room._quick.left == 30


async def aiter_of(room: UploadBudget):  # type: ignore[no-untyped-def]
    """An upload that waits for memory."""
    async with room.hold(5) as place:
        yield place


def test_the_least_memory_has_a_slow_place_for_the_largest_file() -> None:
    assert UploadBudget(MIN_MEMORY)._slow.take_now(MAX_BYTES)


async def test_foreign_timeout_is_not_handled() -> None:
    room = UploadBudget(50)
    with pytest.raises(TimeoutError):
        async with room.hold(FILE):
            raise TimeoutError
    assert room._quick.left == 30
