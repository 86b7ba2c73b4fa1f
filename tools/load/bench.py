"""`rabta bench`: the suite through its gateway against a bare floor, on the same servers in the same run.

Each round measures the floor and the suite one after the other, so that a machine that changes its speed changes
both. The generator is this process; servers, services and generator share the machine.
"""

import asyncio
import json
import os
import resource
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.home import ROOT
from deploy.local.probes import http_probe
from deploy.local.process import Process
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.filings import FILINGS
from tools.load.department import receiving
from tools.load.floor import QUEUE
from tools.load.http_client import Answers, closed_loop, open_loop, percentile, request_bytes
from tools.portal import Citizen, Portal

CLIENTS = 64
FLOOR = "floor, one process"
SETTLE_AFTER = 25.0
"""Instead of 120 s, so that settlement runs during a measurement."""
DRAIN = 60.0


@dataclass
class Figures:
    """The result of a measurement; latencies in seconds."""

    name: str
    rate: float
    submit: Answers
    to_queue: list[float] = field(default_factory=list)
    to_notifier: float = 0.0
    whole_rate: float = 0.0
    cpu: dict[str, float] = field(default_factory=dict)
    complete: bool = True

    @property
    def micros(self) -> dict[str, float]:
        """Processor time for each filing by part, in microseconds."""
        return {part: share / self.whole_rate * 1e6 for part, share in self.cpu.items()} if self.whole_rate else {}

    def row(self) -> list[str]:
        """The row of the table."""
        submit = [f"{percentile(self.submit.latencies, p) * 1000:.1f}" for p in (50, 95, 99)]
        queue = [f"{percentile(self.to_queue, p) * 1000:.1f}" for p in (50, 95, 99)] if self.to_queue else ["-"] * 3
        return [self.name, f"{self.rate:.0f}", f"{self.whole_rate:.0f}", "/".join(submit), "/".join(queue)]


@dataclass
class Bench:
    """The servers, the suite and the floor of one run."""

    servers: Servers
    suite: Suite
    floor: Process
    portal: Portal
    citizens: list[Citizen] = field(default_factory=list)

    async def floor_round(self, seconds: float) -> Figures:
        """64 clients on the floor."""
        url = f"http://127.0.0.1:{self.floor.port}"
        request = request_bytes("POST", f"{url}/api/v1/requests", {"Content-Type": "application/json"}, filing_body(0))
        async with receiving(self.servers.amqp_url, [QUEUE]) as arrivals:
            began = time.perf_counter()
            answers = await closed_loop(url, CLIENTS, seconds, lambda: request, lambda *_: None)
            rate = len(answers.latencies) / (time.perf_counter() - began)
            await arrivals.reach(len(answers.latencies), DRAIN)
        return Figures(FLOOR, rate, answers, whole_rate=rate)

    async def suite_round(self, name: str, seconds: float, rate: float | None = None) -> Figures:
        """64 clients (or a steady rate) on the gateway, until every request is at its department and notified."""
        filed: dict[str, float] = {}

        def note(status: int, body: bytes, now: float) -> None:
            if status == 201:
                filed[json.loads(body)["number"]] = now

        before = cpu_seconds(self.suite, self.servers)
        told_before = await self._told()
        async with receiving(self.servers.amqp_url, ["department.works", "department.water"]) as arrivals:
            began = time.perf_counter()
            if rate is None:
                answers = await closed_loop(self.suite.url, CLIENTS, seconds, self._filing, note)
            else:
                answers = await open_loop(self.suite.url, rate, seconds, self._filing, note)
            sending = time.perf_counter() - began
            complete = await arrivals.reach(len(filed), DRAIN)
            at_departments = time.perf_counter() - began
            complete &= await self._all_told(told_before + 2 * len(filed))
            finished = time.perf_counter() - began
            to_queue = [max(0.0, arrivals.at[number] - at) for number, at in filed.items() if number in arrivals.at]
        after = cpu_seconds(self.suite, self.servers)
        return Figures(
            name,
            len(filed) / sending,
            answers,
            to_queue,
            finished - at_departments,
            len(filed) / finished,
            {part: (after[part] - before[part]) / finished for part in after},
            complete,
        )

    async def reading_round(self, seconds: float) -> Figures:
        """64 clients that track a request by number and digits."""
        citizen = self.citizens[0]
        receipt = await self.portal.file(citizen, FILINGS[0])
        await self.portal.reaches(citizen, receipt["number"], "routed")
        url = f"{self.suite.url}/api/v1/track/{receipt['number']}?mobile={citizen.last_four}"
        request = request_bytes("GET", url, {"Accept-Language": "en"})
        began = time.perf_counter()
        answers = await closed_loop(self.suite.url, CLIENTS, seconds, lambda: request, lambda *_: None)
        rate = len(answers.latencies) / (time.perf_counter() - began)
        return Figures("tracking reads", rate, answers, whole_rate=rate)

    def _filing(self) -> bytes:
        turn = secrets.randbelow(1 << 30)
        citizen = self.citizens[turn % len(self.citizens)]
        headers = {
            "Authorization": f"Bearer {citizen.token}",
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_hex(12),
        }
        return request_bytes("POST", f"{self.suite.url}/api/v1/requests", headers, filing_body(turn % 2))

    async def _told(self) -> int:
        client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(self.servers.mongo_url)
        try:
            return int(await client["rabta_notifier"]["notifications"].estimated_document_count())
        finally:
            client.close()

    async def _all_told(self, count: int) -> bool:
        end = time.monotonic() + DRAIN
        while time.monotonic() < end:
            if await self._told() >= count:
                return True
            await asyncio.sleep(0.05)
        return False


def filing_body(turn: int) -> bytes:
    """The body that both the floor and the suite get."""
    filing = dict(FILINGS[turn])
    filing["answers"] = {**filing["answers"], "description": "The light at the corner has been out for a week. " * 12}
    return json.dumps(filing).encode()


def cpu_seconds(suite: Suite, servers: Servers) -> dict[str, float]:
    """Processor time used so far by each part, in seconds."""
    parts = {process.name: process.pid for process in suite.processes}
    parts |= {"mongod": servers.mongo.pid, "rabbitmq": servers.broker.pid}
    used = {}
    for name, pid in parts.items():
        process = psutil.Process(pid)
        family = [process, *process.children(recursive=True)]
        used[name] = sum(sum(member.cpu_times()[:2]) for member in family)
    own = resource.getrusage(resource.RUSAGE_SELF)
    return {**used, "generator": own.ru_utime + own.ru_stime}


@asynccontextmanager
async def prepared(home: Path, servers: Servers, suite: Suite, admin: tuple[str, str]) -> AsyncIterator[Bench]:
    """A floor beside a running suite, and citizens with sessions."""
    port = suite.ports.take(None)
    floor = Process(
        "floor",
        [sys.executable, "-m", "tools.load.floor"],
        environment={**os.environ, **suite.environment, "RABTA_PORT": str(port)},
        folder=ROOT,
        log=home / "log" / "floor.log",
        probe=lambda: http_probe(f"http://127.0.0.1:{port}/health/ready"),
        port=port,
    )
    floor.start()
    try:
        await asyncio.to_thread(floor.wait_ready)
        bench = Bench(servers, suite, floor, Portal(suite.url, admin))
        bench.citizens = [await bench.portal.register() for _ in range(8)]
        yield bench
    finally:
        floor.stop()


def machine() -> str:
    """The machine, for the report."""
    lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), "?")
    commit = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return f"{os.cpu_count()} cores, {model}; Python {sys.version.split()[0]}; commit {commit.stdout.strip() or '?'}"
