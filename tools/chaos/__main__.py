"""`rabta chaos --kills N`: the long fault run, with the same checks as the short one in the test suite."""

import argparse
import asyncio
import logging
import time

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tools.chaos.run import TARGETS, fault_run, kill_many, report
from tools.suites import ADMIN, QUICK, RUN_WILD, own_suite


async def run(servers: Servers, suite: Suite, kills: int, rate: float, wipes: int) -> bool:
    """Kill and wipe under load, then count; True if nothing was lost or duplicated."""
    began = time.monotonic()
    async with fault_run(servers, suite, ADMIN, rate) as faults:
        share = max(1, kills // (wipes + 1))
        done = 0
        while done < kills:
            now = min(share, kills - done)
            await kill_many(faults, TARGETS, now, (1.0, 3.0), lambda line: print(line, flush=True))
            done += now
            if faults.kills["broker wiped"] < wipes:
                await faults.wipe_broker()
        verdict = await faults.settle(patience=300)
        print(report(faults, verdict))
        print(f"{(time.monotonic() - began) / 60:.1f} minutes at {rate:g} filings a second")
        for name, numbers in vars(verdict).items():
            if isinstance(numbers, list) and numbers:
                print(f"{name}: {len(numbers)}, first {numbers[:5]}")
        for line in faults.load.unexpected[:5]:
            print(f"unexpected answer: {line}")
        return verdict.lost == 0 and verdict.doubled == 0 and not faults.load.unexpected


def main() -> None:
    """Read the arguments, start servers and a suite in their own folder, run, stop."""
    parser = argparse.ArgumentParser(prog="rabta chaos", description=__doc__)
    parser.add_argument("--kills", type=int, default=60)
    parser.add_argument("--rate", type=float, default=25.0, help="filings a second")
    parser.add_argument("--wipes", type=int, default=1, help="how often the broker also loses all its data")
    given = parser.parse_args()
    logging.disable(logging.CRITICAL)  # every reconnect of the client library, which is the point of the run
    with own_suite(**QUICK | RUN_WILD) as (servers, suite):
        good = asyncio.run(run(servers, suite, given.kills, given.rate, given.wipes))
    raise SystemExit(0 if good else 1)


if __name__ == "__main__":
    main()
