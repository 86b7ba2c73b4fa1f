"""One fault run: a suite under steady load whose processes are killed, and a count at the end."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from deploy.cli.place import url_for
from deploy.cli.queue import DepartmentQueue
from deploy.local.server import Server
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.chaos.audit import Verdict, audit
from tools.chaos.department import Received
from tools.chaos.load import Load
from tools.portal import Portal, until

TARGETS = ("requests", "routing", "notifier", "gateway", "mongo", "broker")
DRAIN = 90.0
LOOK_EVERY = 0.5
DEPARTMENTS = ("works", "water")


@dataclass
class Run:
    """A fault run under way."""

    servers: Servers
    suite: Suite
    portal: Portal
    load: Load
    received: Received
    kills: Counter[str] = field(default_factory=Counter)
    slowest_recovery: float = 0.0

    def victim(self, name: str) -> Server:
        """The server or process of that name."""
        if name == "mongo":
            return self.servers.mongo
        if name == "broker":
            return self.servers.broker
        return self.suite.process(name)

    async def kill(self, name: str, down: float = 0.3) -> None:
        """Kill, wait `down` seconds, start again, and wait until it is ready."""
        victim = self.victim(name)
        began = time.monotonic()
        victim.kill()
        self.kills[name] += 1
        await asyncio.sleep(down)
        await asyncio.to_thread(victim.start)
        await asyncio.to_thread(victim.wait_ready)
        self.slowest_recovery = max(self.slowest_recovery, time.monotonic() - began)

    async def wipe_broker(self) -> None:
        """Stop the broker, delete all of its data, and start it empty."""
        await asyncio.to_thread(self.servers.broker.wipe)
        self.kills["broker wiped"] += 1
        await asyncio.to_thread(self.servers.broker.start)
        await asyncio.to_thread(self.servers.broker.wait_ready)

    async def acknowledges(self, more: int) -> None:
        """Return when that many more filings have been acknowledged."""
        goal = len(self.load.acknowledged) + more

        async def look() -> bool | None:
            return True if len(self.load.acknowledged) >= goal else None

        await until(look, f"{goal} acknowledged filings")

    async def settle(self, patience: float = DRAIN) -> Verdict:
        """Stop the load, wait until nothing is missing or `patience` seconds have passed, and count."""
        self.load.stopping = True
        end = time.monotonic() + patience
        while True:
            verdict = await audit(self.servers.mongo_url, self.load, self.received)
            if (self._answered and not verdict.lost) or time.monotonic() > end:
                return verdict
            await asyncio.sleep(LOOK_EVERY)

    @property
    def _answered(self) -> bool:
        return len(self.load.acknowledged) + len(self.load.unexpected) >= self.load.sent


@asynccontextmanager
async def fault_run(servers: Servers, suite: Suite, admin: tuple[str, str], rate: float) -> AsyncIterator[Run]:
    """Citizens, subscribers and load on a running suite; all stop when the context ends."""
    portal = Portal(suite.url, admin)
    citizens = [await portal.register() for _ in range(4)]
    received, tasks = Received(), []
    for code in DEPARTMENTS:
        url, queue = await credentials(portal, servers.amqp_url, code)
        tasks.append(asyncio.create_task(DepartmentQueue(url, queue, prefetch=200).run(received.take)))
    load = Load(portal, citizens, rate)
    tasks.append(asyncio.create_task(load.run()))
    try:
        yield Run(servers, suite, portal, load, received)
    finally:
        load.stopping = True
        for task in tasks:
            task.cancel()
            with suppress(asyncio.CancelledError, Exception):
                await task


async def credentials(portal: Portal, amqp_url: str, code: str) -> tuple[str, str]:
    """A department's broker address and queue, with a new password."""
    path = f"/api/v1/admin/departments/{code}/credentials"
    made = await portal.expect(201, "POST", path, token=await portal.admin_token())
    return url_for(amqp_url, made["user"], made["password"]), made["queue"]


async def kill_many(
    run: Run, targets: Sequence[str], kills: int, pause: tuple[float, float], say: Callable[[str], None]
) -> None:
    """Kill the `targets` in turn, with random pauses between (a range of seconds)."""
    renewed = time.monotonic()
    for turn in range(kills):
        name = targets[turn % len(targets)]
        await run.kill(name)
        await asyncio.sleep(random.uniform(*pause))
        say(f"{turn + 1}/{kills} kills ({name}); {len(run.load.acknowledged)} acknowledged, {run.load.retries} retries")
        if time.monotonic() - renewed > 300:
            await run.load.renew_tokens()
            renewed = time.monotonic()


def report(run: Run, verdict: Verdict) -> str:
    """The figures of a run, on a few lines."""
    kills = ", ".join(f"{name} {count}" for name, count in sorted(run.kills.items()))
    lines = [
        f"kills: {sum(run.kills.values())} ({kills}); slowest recovery {run.slowest_recovery:.1f} s",
        f"sent {run.load.sent}, acknowledged {verdict.acknowledged}, retries {run.load.retries}, "
        f"other answers {len(run.load.unexpected)}",
        f"lost {verdict.lost}, doubled {verdict.doubled} "
        f"(deliveries repeated with the same id: {run.received.repeats}, which departments recognise)",
    ]
    return "\n".join(lines)
