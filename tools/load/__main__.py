"""`rabta bench`: measures the suite against the bare floor and prints rates, percentiles and their ratio.

`rabta bench reads` measures reads instead (`reads.py`), `rabta bench messages` messages (`messages.py`).
"""

import argparse
import asyncio
import statistics
import sys
import tempfile
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from deploy.local.servers import Servers, start_servers
from deploy.local.suite import Suite
from tools.load import messages, reads
from tools.load.bench import CLIENTS, FLOOR, SETTLE_AFTER, Figures, machine, prepared
from tools.suites import ADMIN

console = Console(width=120)


async def measure(home: Path, servers: Servers, suite: Suite, seconds: float, sustained: float) -> bool:
    """Run all measurements and print them; False if a filed request did not arrive.

    Floor and suite are measured twice and in turn, because the speed of a shared machine varies.
    """
    async with prepared(home, servers, suite, ADMIN) as bench:
        rounds = (
            ("floor", lambda: bench.floor_round(seconds)),
            ("warm-up", lambda: bench.suite_round("warm-up", seconds / 2)),
            ("300/s", lambda: bench.suite_round("300/s, before settlement", SETTLE_AFTER - seconds / 2, 300)),
            ("300/s", lambda: bench.suite_round("300/s, with settlement", sustained, 300)),
            ("360/s", lambda: bench.suite_round("360/s, with settlement", sustained / 6, 360)),
            ("suite", lambda: bench.suite_round("suite, with settlement", seconds * 2)),
            ("settling", lambda: rest(SETTLE_AFTER + seconds)),
            ("floor", lambda: bench.floor_round(seconds)),
            ("suite", lambda: bench.suite_round("suite, before settlement", seconds * 2)),
            ("reads", lambda: bench.reading_round(seconds)),
        )
        found = []
        for name, measured in rounds:
            console.print(f"{name} ...")
            figures = await measured()
            if figures is not None and name != "warm-up":
                found.append(figures)
    show(found)
    return all(figures.complete for figures in found)


async def rest(seconds: float) -> None:
    """Wait until everything is settled, so that nothing else runs while the floor is measured."""
    await asyncio.sleep(seconds)


def show(found: list[Figures]) -> None:
    """Print the tables of rates and of processor time, and the ratios to the floor."""
    table = Table(title=f"{CLIENTS} clients or a steady rate; latencies p50/p95/p99 in ms\n{machine()}")
    for heading in ("", "answered/s", "end to end/s", "answer", "201 to department queue"):
        table.add_column(heading, justify="left" if not heading else "right")
    for figures in found:
        table.add_row(*figures.row())
    console.print(table)
    suites = [figures for figures in found if figures.cpu]
    parts = sorted(suites[-1].cpu, key=lambda part: -suites[-1].cpu[part])
    spent = Table("", *parts, "all", title="processor time for each filing, in microseconds")
    for figures in suites:
        micros = [figures.micros[part] for part in parts]
        spent.add_row(figures.name, *(f"{each:.0f}" for each in (*micros, sum(micros))))
    console.print(spent)
    floor = statistics.mean(figures.rate for figures in found if figures.name == FLOOR)
    for figures in suites:
        if figures.name.startswith("suite"):
            console.print(f"{figures.name}: {figures.whole_rate / floor:.2f} of the floor's {floor:.0f} a second")


def main() -> None:
    """Read the arguments, start servers and a suite in their own folder, measure, stop."""
    if sys.argv[1:2] == ["reads"]:
        reads.main(sys.argv[2:])
        return
    if sys.argv[1:2] == ["messages"]:
        messages.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="rabta bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=8.0, help="of each short measurement")
    parser.add_argument("--sustained", type=float, default=120.0, help="seconds at a steady 300/s with settlement")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rabta-bench-") as folder:
        home = Path(folder)
        servers = start_servers(home)
        extra = {"RABTA_RATE_LIMITS": "false", "RABTA_ADMIN_LOGIN": ADMIN[0], "RABTA_ADMIN_PASSWORD": ADMIN[1]}
        extra["RABTA_SETTLE_AFTER"] = str(SETTLE_AFTER)
        suite = Suite(home, servers, extra_env=extra)
        try:
            suite.start()
            complete = uvloop.run(measure(home, servers, suite, given.seconds, given.sustained))
        finally:
            suite.stop()
            servers.stop()
    if not complete:
        console.print("not everything that was answered arrived within 60 s")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
