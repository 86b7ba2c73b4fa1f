"""Killing processes loses and duplicates nothing that was promised. The long form is `rabta chaos --kills N`."""

import asyncio

from deploy.local.server import wait_all_ready
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.chaos.run import DEPARTMENTS, TARGETS, fault_run, kill_many, report
from tools.chaos.webhook import webhook_of
from tools.suites import ADMIN

RATE = 12.0


async def test_killing_any_process_loses_and_duplicates_nothing(own: tuple[Servers, Suite]) -> None:
    async with fault_run(*own, ADMIN, RATE) as run, webhook_of(run.portal, DEPARTMENTS[0]) as hook:
        await hook.hold()
        await run.kill("routing")  # a message of the webhook is on its way
        hook.release()
        targets = [name for name in TARGETS if name != "routing"]
        await kill_many(run, targets, len(targets), (1.0, 2.0), print)
        verdict = await run.settle()
        print(report(run, verdict))
        assert verdict.acknowledged > 100
        assert run.load.unexpected == []
        assert (verdict.lost, verdict.doubled) == (0, 0), verdict
        first, last = hook.subscription["acked_up_to"] + 1, await hook.has_everything()
        assert hook.held in hook.taken
        assert hook.in_order == list(range(first, last + 1))


async def test_a_wiped_broker_loses_nothing(own: tuple[Servers, Suite]) -> None:
    async with fault_run(*own, ADMIN, RATE) as run:
        await run.acknowledges(50)
        await run.wipe_broker()
        await run.acknowledges(50)
        verdict = await run.settle()
        print(report(run, verdict))
        assert verdict.acknowledged > 50
        assert run.load.unexpected == []
        assert (verdict.lost, verdict.doubled) == (0, 0), verdict


async def test_sigterm_drains_within_ten_seconds_and_loses_nothing(own: tuple[Servers, Suite]) -> None:
    async with fault_run(*own, ADMIN, RATE) as run:
        for name in ("gateway", "requests", "routing", "notifier", "identity"):
            process = own[1].process(name)
            assert await asyncio.to_thread(process.terminate, 10.0) == 0, name
            await asyncio.to_thread(process.start)
        await asyncio.to_thread(wait_all_ready, own[1].processes, 90.0)
        await run.acknowledges(50)
        verdict = await run.settle()
        print(report(run, verdict))
        assert verdict.acknowledged > 50
        assert (verdict.lost, verdict.doubled) == (0, 0), verdict
