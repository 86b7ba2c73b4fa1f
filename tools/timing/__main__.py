"""`rabta timing`: whether response times reveal that an account exists; exit code 1 if they do."""

import argparse
import asyncio
import time

from services.identity.accounts.hashing import MEMORY_KIB
from tools.portal import Portal
from tools.suites import ADMIN, QUICK, own_suite
from tools.timing.flows import Strangers
from tools.timing.statistic import Compared, compare


async def run(url: str, samples: int) -> dict[str, Compared]:
    """Create accounts, and compare for each flow the response times of these and of unknown accounts."""
    strangers = Strangers(Portal(url, ADMIN), samples)
    return {name: compare(*await strangers.measure(flow)) for name, flow in (await strangers.flows()).items()}


def main() -> None:
    """Read the arguments, start servers and a suite in their own folder, run, stop."""
    parser = argparse.ArgumentParser(prog="rabta timing", description=__doc__)
    parser.add_argument("--samples", type=int, default=300, help="of each kind in each flow")
    given = parser.parse_args()
    with own_suite(**QUICK | {"RABTA_HASH_MEMORY_KIB": str(MEMORY_KIB)}) as (_, suite):
        began = time.monotonic()
        found = asyncio.run(run(suite.url, max(8, given.samples)))
    for name, compared in found.items():
        print(compared.line(name))
    print(f"{time.monotonic() - began:.0f} s")
    raise SystemExit(1 if any(compared.told_apart for compared in found.values()) else 0)


if __name__ == "__main__":
    main()
