"""Killing processes loses and duplicates nothing that was promised. The long form is `rabta chaos --kills N`."""

import asyncio

from deploy.local.server import wait_all_ready
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.chaos.run import DEPARTMENTS, TARGETS, Run, fault_run, kill_many, report
from tools.chaos.webhook import webhook_of
from tools.suites import ADMIN

RATE = 8.0


async def test_kills_and_a_wiped_broker_lose_and_duplicate_nothing(own: tuple[Servers, Suite]) -> None:
    """A webhook stays leased to the killed process for 40 s; meanwhile the others are killed and the broker wiped."""
    async with fault_run(*own, ADMIN, RATE) as run, webhook_of(run.portal, DEPARTMENTS[0]) as hook:
        await hook.hold()
        await run.kill("routing")  # a message of the webhook is on its way
        hook.release()
        targets = [name for name in TARGETS if name != "routing"]
        await kill_many(run, targets, len(targets), (1.0, 2.0), print)
        await loses_and_doubles_nothing(run, 100)
        await a_wiped_broker_loses_nothing(own)
        first, last = hook.subscription["acked_up_to"] + 1, await hook.has_everything()
        assert hook.held in hook.taken
        assert hook.in_order == list(range(first, last + 1))


async def a_wiped_broker_loses_nothing(own: tuple[Servers, Suite]) -> None:
    """A run of its own: wiping makes everything be sent again, which would hide what kills had lost."""
    async with fault_run(*own, ADMIN, RATE) as run:
        await run.acknowledges(30)
        await run.wipe_broker()
        await run.acknowledges(30)
        await loses_and_doubles_nothing(run, 50)


async def loses_and_doubles_nothing(run: Run, least: int) -> None:
    """Count at the end of a run: more than `least` requests, none without an answer, lost or doubled."""
    verdict = await run.settle()
    print(report(run, verdict))
    assert verdict.acknowledged > least
    assert run.load.unexpected == []
    assert (verdict.lost, verdict.doubled) == (0, 0), verdict


async def test_sigterm_drains_within_ten_seconds_and_loses_nothing(own: tuple[Servers, Suite]) -> None:
    async with fault_run(*own, ADMIN, RATE) as run:
        for name in ("gateway", "requests", "routing", "notifier", "identity"):
            process = own[1].process(name)
            assert await asyncio.to_thread(process.terminate, 10.0) == 0, name
            await asyncio.to_thread(process.start)
        await asyncio.to_thread(wait_all_ready, own[1].processes, 90.0)
        await run.acknowledges(30)
        await loses_and_doubles_nothing(run, 30)
