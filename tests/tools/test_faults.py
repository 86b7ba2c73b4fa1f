"""Nothing that was promised is lost or done twice, whatever is killed. The long form is `rabta chaos --kills N`."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.chaos.run import TARGETS, fault_run, kill_many, report
from tools.containers import servers_for_tests
from tools.suites import ADMIN, QUICK, RUN_WILD

RATE = 25.0


@pytest.fixture(scope="module")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers of this module's own, since they are killed."""
    servers = servers_for_tests(tmp_path_factory.mktemp("chaos-servers"))
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def own_suite(tmp_path_factory: pytest.TempPathFactory, own_servers: Servers) -> Iterator[Suite]:
    """A suite of this module's own."""
    home: Path = tmp_path_factory.mktemp("chaos-suite")
    suite = Suite(home, own_servers, extra_env=QUICK | RUN_WILD)
    suite.start()
    yield suite
    suite.stop()


@pytest.mark.timeout(240)
async def test_nothing_is_lost_or_doubled_when_everything_is_killed(own_servers: Servers, own_suite: Suite) -> None:
    async with fault_run(own_servers, own_suite, ADMIN, RATE) as run:
        await kill_many(run, TARGETS, len(TARGETS), (1.0, 2.0), print)
        verdict = await run.settle()
        print(report(run, verdict))
        assert verdict.acknowledged > 100
        assert run.load.unexpected == []
        assert (verdict.lost, verdict.doubled) == (0, 0), verdict


@pytest.mark.timeout(240)
async def test_a_wiped_broker_loses_nothing(own_servers: Servers, own_suite: Suite) -> None:
    async with fault_run(own_servers, own_suite, ADMIN, RATE) as run:
        await run.acknowledges(50)
        await run.wipe_broker()
        await run.acknowledges(50)
        verdict = await run.settle()
        print(report(run, verdict))
        assert verdict.acknowledged > 50
        assert run.load.unexpected == []
        assert (verdict.lost, verdict.doubled) == (0, 0), verdict


@pytest.mark.timeout(120)
async def test_sigterm_drains_within_ten_seconds_and_loses_nothing(own_servers: Servers, own_suite: Suite) -> None:
    async with fault_run(own_servers, own_suite, ADMIN, RATE) as run:
        for name in ("gateway", "requests", "routing", "notifier", "identity"):
            process = own_suite.process(name)
            assert await asyncio.to_thread(process.terminate, 10.0) == 0, name
            await asyncio.to_thread(process.start)
            await asyncio.to_thread(process.wait_ready)
        verdict = await run.settle()
        print(report(run, verdict))
        assert verdict.acknowledged > 50
        assert (verdict.lost, verdict.doubled) == (0, 0), verdict
