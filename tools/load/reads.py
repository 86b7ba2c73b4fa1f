"""`rabta bench reads`: the time of reads among ten thousand requests and among a million; "flat" if both are equal.

A hundred requests are filed and worked on through the portal; copies of those fill the database. The reads go
through the gateway with a fixed number of clients, and are the same before and after.
"""

import argparse
import asyncio
import statistics
from collections.abc import Sequence
from dataclasses import dataclass

import uvloop
from rich.console import Console
from rich.table import Table

from deploy.local.keys import load_keys
from deploy.local.servers import Servers
from deploy.local.suite import Suite
from shared.seal import KeyRing
from tools.load.bench import machine
from tools.load.city import City
from tools.load.http_client import closed_loop, percentile
from tools.load.mass import Mass
from tools.portal import Portal
from tools.suites import ADMIN, own_suite

CLIENTS = 8
FLAT = 1.3
ENVIRONMENT = {
    "RABTA_RATE_LIMITS": "false",
    "RABTA_DAY_EVERY": "100000",
    "RABTA_ADMIN_LOGIN": ADMIN[0],
    "RABTA_ADMIN_PASSWORD": ADMIN[1],
}
console = Console(width=120)


@dataclass(frozen=True)
class Plan:
    """The numbers of requests to measure with, the seconds and rounds of each read, and the readers."""

    sizes: Sequence[int]
    seconds: float
    rounds: int
    own: int
    """How many requests the reading citizen has."""


@dataclass
class Figure:
    """The milliseconds of a read, and the number of reads a second."""

    p50: float
    p99: float
    rate: float


async def measure(city: City, plan: Plan) -> dict[str, Figure]:
    """Measure every read in several rounds; returns medians, because the speed of a shared machine varies.

    Raises AssertionError for a response with another status.
    """
    taken: dict[str, list[Figure]] = {}
    reads = await city.reads()
    for turn in range(plan.rounds + 1):
        for name, read in reads.items():  # the first turn warms up
            answers = await closed_loop(city.url, CLIENTS, plan.seconds / plan.rounds, read.make, lambda *_: None)
            assert set(answers.statuses) == {read.status}, (name, answers.statuses)
            p50, p99 = (percentile(answers.latencies, p) * 1000 for p in (50, 99))
            if turn:
                taken.setdefault(name, []).append(Figure(p50, p99, len(answers.latencies) * plan.rounds / plan.seconds))
    return {name: median_of(figures) for name, figures in taken.items()}


def median_of(figures: Sequence[Figure]) -> Figure:
    """The median of each."""
    return Figure(*(statistics.median(getattr(figure, name) for figure in figures) for name in ("p50", "p99", "rate")))


async def run(suite: Suite, servers: Servers, plan: Plan) -> list[dict[str, Figure]]:
    """Fill to each size and measure there."""
    portal = Portal(suite.url, ADMIN)
    city = City(suite.url, await portal.register(), portal, plan.own)
    await city.work()
    kept = load_keys(suite.home)
    keys = KeyRing.from_base64(kept.data_key, kept.index_key)
    mass = Mass(servers.mongo_url, city.citizen.id, city.numbers, keys)
    measured = []
    for size in plan.sizes:
        city.others, took = await asyncio.to_thread(mass.grow, size)
        console.print(f"{size:,} requests: loaded in {took:.0f} s, {mass.megabytes():,.0f} MB with indexes")
        measured.append(await measure(city, plan))
    return measured


def show(sizes: Sequence[int], measured: Sequence[dict[str, Figure]]) -> bool:
    """Print the table; returns whether everything is flat."""
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
    """Read the arguments, start servers and a suite in their own folder, measure, stop; exit code 1 if not flat."""
    parser = argparse.ArgumentParser(prog="rabta bench reads", description=__doc__)
    parser.add_argument("--small", type=int, default=10_000)
    parser.add_argument("--large", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=7.0)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--own", type=int, default=100, help="how many requests the citizen has who reads")
    given = parser.parse_args(arguments)
    plan = Plan((given.small, given.large), given.seconds, given.rounds, given.own)
    with own_suite(**ENVIRONMENT) as (servers, suite):
        measured = uvloop.run(run(suite, servers, plan))
    if not show(plan.sizes, measured):
        raise SystemExit(1)
