"""A background loop continues after outages and bugs; only cancelling ends it."""

import asyncio
from contextlib import suppress

import pytest
from structlog.testing import capture_logs

from shared.mongo import OUTAGES
from shared.sweep import sweep_forever

SECRET = "somebody's words"


class Round:
    """Fails in a different way each time, and then says that it was called again."""

    def __init__(self) -> None:
        self.trouble: list[BaseException] = [OUTAGES[0](SECRET), ValueError(SECRET)]
        self.again = asyncio.Event()

    async def __call__(self) -> None:
        """One round."""
        if self.trouble:
            raise self.trouble.pop(0)
        self.again.set()


async def test_an_outage_and_a_mistake_end_nothing_and_are_told_by_kind() -> None:
    sweep = Round()
    with capture_logs() as lines:
        task = asyncio.create_task(sweep_forever("test", 0.001, sweep))
        await asyncio.wait_for(sweep.again.wait(), 5)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    assert [(line["event"], line["sweep"]) for line in lines] == [
        ("sweep.store_away", "test"),
        ("sweep.failed", "test"),
    ]
    assert SECRET not in str(lines)


@pytest.mark.parametrize("at_once", [True, False])
async def test_the_first_round_is_now_or_after_the_first_pause(at_once: bool) -> None:
    sweep = Round()
    sweep.trouble = []
    task = asyncio.create_task(sweep_forever("test", 3600, sweep, at_once=at_once))
    with suppress(TimeoutError):
        await asyncio.wait_for(sweep.again.wait(), 5 if at_once else 0.05)
    assert sweep.again.is_set() is at_once
    task.cancel()
