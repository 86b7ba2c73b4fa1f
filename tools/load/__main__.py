"""`rabta bench`: measures the suite against the bare floor and prints rates, percentiles and their ratio.

`rabta bench reads` measures reads instead (`reads.py`), `rabta bench messages` messages (`messages.py`).
"""

import argparse
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
from tools.load.bench import CLIENTS, STEADY, Bench, Figures, machine, prepared
from tools.suites import ADMIN

console = Console(width=120)


async def measure(home: Path, servers: Servers, suite: Suite, rounds: int, seconds: float) -> bool:
    """Run all measurements and print them; False when something filed did not arrive."""
    async with prepared(home, servers, suite, ADMIN) as bench:
        await bench.suite_round("warm-up", min(3.0, seconds))
        pairs = []
        for turn in range(rounds):
            floor, whole = await bench.floor_round(seconds), await bench.suite_round("suite", seconds)
            pairs.append((floor, whole))
            console.print(f"round {turn + 1}/{rounds}: {floor.rate:.0f} floor, {whole.whole_rate:.0f} suite")
        rest = await steady_and_reads(bench, seconds)
    show(pairs, rest)
    return all(figures.complete for figures in [*(whole for _, whole in pairs), *rest])


async def steady_and_reads(bench: Bench, seconds: float) -> list[Figures]:
    """The measurements that have no floor."""
    steady = await bench.suite_round(f"suite, steady {STEADY:.0f}/s", seconds, STEADY)
    return [steady, await bench.reading_round(seconds)]


def show(pairs: list[tuple[Figures, Figures]], rest: list[Figures]) -> None:
    """Print the table, the ratios and where the processor time went."""
    table = Table(title=f"{CLIENTS} clients; latencies p50/p95/p99 in ms\n{machine()}")
    for heading in ("", "answered/s", "end to end/s", "answer", "201 to department queue"):
        table.add_column(heading, justify="left" if not heading else "right")
    for figures in [*(one for pair in pairs for one in pair), *rest]:
        table.add_row(*figures.row())
    console.print(table)
    ratios = [whole.whole_rate / floor.rate for floor, whole in pairs]
    console.print(
        f"suite end to end / floor: {', '.join(f'{r:.2f}' for r in ratios)}; median {statistics.median(ratios):.2f}"
    )
    last = pairs[-1][1]
    per_request = {part: share / last.whole_rate * 1e6 for part, share in last.cpu.items()}
    parts = ", ".join(f"{part} {micros:.0f}" for part, micros in sorted(per_request.items(), key=lambda i: -i[1]))
    console.print(f"processor time for each request, in microseconds: {parts}; all {sum(per_request.values()):.0f}")


def main() -> None:
    """Read the arguments, start servers and suite in a folder of their own, measure, stop."""
    if sys.argv[1:2] == ["reads"]:
        reads.main(sys.argv[2:])
        return
    if sys.argv[1:2] == ["messages"]:
        messages.main(sys.argv[2:])
        return
    parser = argparse.ArgumentParser(prog="rabta bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="rabta-bench-") as folder:
        home = Path(folder)
        servers = start_servers(home)
        extra = {"RABTA_RATE_LIMITS": "false", "RABTA_ADMIN_LOGIN": ADMIN[0], "RABTA_ADMIN_PASSWORD": ADMIN[1]}
        suite = Suite(home, servers, extra_env=extra)
        try:
            suite.start()
            complete = uvloop.run(measure(home, servers, suite, given.rounds, given.seconds))
        finally:
            suite.stop()
            servers.stop()
    if not complete:
        console.print("not everything that was answered arrived within 60 s")
        raise SystemExit(1)


if __name__ == "__main__":
    main()
