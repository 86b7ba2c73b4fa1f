"""`rabta bench reads`: what people read, among ten thousand requests and among a million; flat when it is the same.

Some hundred requests are filed and worked on through the portal; copies of those fill the database. The reads go
through the gateway with a fixed number of clients, and are the same before and after.
"""

import argparse
import asyncio
import secrets
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from deploy.local.keys import load_keys
from deploy.local.servers import Servers, start_servers
from deploy.local.suite import Suite
from shared.seal import KeyRing
from tests.chaos.load import FILINGS
from tests.conftest import ADMIN
from tests.load.bench import machine
from tests.load.http_client import closed_loop, percentile, request_bytes
from tests.load.mass import Mass
from tests.portal import Citizen, Portal

CLIENTS, ROUNDS = 8, 7
OWN, OPEN = 100, 15
"""How many requests the measured citizen has, and how many of them are open."""
AT_ONCE = 10
FLAT = 1.3
ENVIRONMENT = {
    "RABTA_RATE_LIMITS": "false",
    "RABTA_DAY_EVERY": "100000",
    "RABTA_ADMIN_LOGIN": ADMIN[0],
    "RABTA_ADMIN_PASSWORD": ADMIN[1],
}
console = Console(width=120)
Make = Callable[[], bytes]


@dataclass
class Figure:
    """What one read took, in milliseconds, and how many a second there were."""

    p50: float
    p99: float
    rate: float


class City:
    """A citizen with a hundred requests, the officer who works on them, and everybody else."""

    def __init__(self, suite: Suite, servers: Servers, citizen: Citizen, portal: Portal) -> None:
        self.suite = suite
        self.servers = servers
        self.citizen = citizen
        self.portal = portal
        self.numbers: list[str] = []
        self.others: list[str] = []
        self.department = ""

    async def work(self) -> None:
        """File, and have most of it done and confirmed."""
        limit = asyncio.Semaphore(AT_ONCE)

        async def one(n: int) -> None:
            async with limit:
                filing = dict(FILINGS[0])
                told = f"The light at corner{n} has been out for a week. " * 8
                filing["answers"] = {**filing["answers"], "description": told}
                number = (await self.portal.file(self.citizen, filing))["number"]
                self.numbers.append(number)
                request = await self.portal.reaches(self.citizen, number, "routed")
                self.department = request["department"]
                if n >= OPEN:
                    await self._finish(number, n)

        await one(0)
        await self.portal.officer(self.department)  # signs in once, before many want it
        await asyncio.gather(*(one(n) for n in range(1, OWN)))

    async def _finish(self, number: str, n: int) -> None:
        officer = await self.portal.officer(self.department)
        await self.portal.act(officer, number, "accept")
        reply = f"The lamp at corner {n} was replaced, number {number}."
        await self.portal.act(officer, number, "resolve", outcome="granted", reply=reply)
        await self.portal.reaches(self.citizen, number, "resolved")
        path = f"/api/v1/requests/{number}/confirm"
        await self.portal.expect(200, "POST", path, token=self.citizen.token, json={"rating": 4})
        await self.portal.reaches(self.citizen, number, "closed")

    async def reads(self) -> dict[str, Make]:
        """The reads by name, with sessions that are fresh."""
        await self.portal.login(self.citizen)
        portal = Portal(self.suite.url, ADMIN)
        officer, own = await portal.officer(self.department), "/api/v1/requests"
        page: dict[str, Any] = await portal.expect(200, "GET", f"{own}?limit=80", token=self.citizen.token)
        digits, token = self.citizen.last_four, self.citizen.token
        pick = secrets.choice
        return {
            "track by number and digits": lambda: self._get(f"/api/v1/track/{pick(self.others)}?mobile={digits}"),
            "own list, first page": lambda: self._get(own, token),
            "own list, a deep page": lambda: self._get(f"{own}?cursor={page['next']}", token),
            "own list by word": lambda: self._get(f"{own}?q=corner{secrets.randbelow(OWN)}", token),
            "own list by state": lambda: self._get(f"{own}?state=closed", token),
            "own request by number": lambda: self._get(f"{own}/{pick(self.numbers)}", token),
            "officer's list": lambda: self._get("/api/v1/assignments", officer),
        }

    def _get(self, path: str, token: str = "") -> bytes:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return request_bytes("GET", f"{self.suite.url}{path}", headers)


async def measure(city: City, seconds: float) -> dict[str, Figure]:
    """Every read in turn, several times over; of the rounds the median, since a shared machine has its moods.

    Raises AssertionError for an answer that is not 200.
    """
    taken: dict[str, list[Figure]] = {}
    reads = await city.reads()
    for turn in range(ROUNDS + 1):
        for name, make in reads.items():  # the first turn warms up
            answers = await closed_loop(city.suite.url, CLIENTS, seconds / ROUNDS, make, lambda *_: None)
            assert set(answers.statuses) == {200}, (name, answers.statuses)
            p50, p99 = (percentile(answers.latencies, p) * 1000 for p in (50, 99))
            if turn:
                taken.setdefault(name, []).append(Figure(p50, p99, len(answers.latencies) * ROUNDS / seconds))
    return {name: median_of(figures) for name, figures in taken.items()}


def median_of(figures: Sequence[Figure]) -> Figure:
    """The median of each."""
    return Figure(*(statistics.median(getattr(figure, name) for figure in figures) for name in ("p50", "p99", "rate")))


async def run(suite: Suite, servers: Servers, sizes: Sequence[int], seconds: float) -> list[dict[str, Figure]]:
    """Fill to each size and measure there."""
    portal = Portal(suite.url, ADMIN)
    city = City(suite, servers, await portal.register(), portal)
    await city.work()
    own = load_keys(suite.home)
    keys = KeyRing.from_base64(own.data_key, own.index_key)
    mass = Mass(servers.mongo_url, city.citizen.id, city.numbers, keys)
    measured = []
    for size in sizes:
        city.others, took = await asyncio.to_thread(mass.grow, size)
        console.print(f"{size:,} requests: loaded in {took:.0f} s, {mass.megabytes():,.0f} MB with indexes")
        measured.append(await measure(city, seconds))
    return measured


def show(sizes: Sequence[int], measured: Sequence[dict[str, Figure]]) -> bool:
    """Print the table; whether everything is flat."""
    table = Table(title=f"{CLIENTS} clients; latencies p50/p99 in ms, reads a second\n{machine()}")
    for heading in ("", *(f"among {size:,}" for size in sizes), "p50 ratio"):
        table.add_column(heading, justify="left" if not heading else "right")
    flat = True
    for name, first in measured[0].items():
        cells = [f"{f[name].p50:.1f}/{f[name].p99:.1f}, {f[name].rate:,.0f}/s" for f in measured]
        ratio = measured[-1][name].p50 / first.p50
        flat &= ratio <= FLAT
        table.add_row(name, *cells, f"{ratio:.2f}")
    console.print(table)
    console.print(f"flat (every ratio at most {FLAT}): {'yes' if flat else 'no'}")
    return flat


def main(arguments: Sequence[str]) -> None:
    """Read the arguments, start servers and suite in a folder of their own, measure, stop; exit 1 if not flat."""
    parser = argparse.ArgumentParser(prog="rabta bench reads", description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=7.0)
    given = parser.parse_args(arguments)
    sizes = (given.small, given.large)
    with tempfile.TemporaryDirectory(prefix="rabta-bench-") as folder:
        home = Path(folder)
        servers = start_servers(home)
        suite = Suite(home, servers, extra_env=ENVIRONMENT)
        try:
            suite.start()
            measured = uvloop.run(run(suite, servers, sizes, given.seconds))
        finally:
            suite.stop()
            servers.stop()
    if not show(sizes, measured):
        raise SystemExit(1)
