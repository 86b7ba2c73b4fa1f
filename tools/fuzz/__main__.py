"""`rabta fuzz`: generated calls to every operation, as every role; exit code 1 if a response was wrong."""

import argparse
import asyncio
import time

from deploy.local.suite import Suite
from tools.fuzz.principals import scene
from tools.fuzz.run import Findings, fuzz
from tools.portal import Portal
from tools.suites import ADMIN, QUICK, RUN_WILD, own_suite

MAX_MINUTES = 9.0
"""Access tokens live ten minutes."""


def minutes(text: str) -> float:
    """The minutes of a run; its tokens must last longer."""
    value = float(text)
    if not 0 < value <= MAX_MINUTES:
        raise argparse.ArgumentTypeError(f"more than 0, at most {MAX_MINUTES:g}: access tokens live ten minutes")
    return value


def run(suite: Suite, examples: int, seconds: float, *, brief: bool = False) -> Findings:
    """Make the accounts, then send."""
    return fuzz(suite.url, asyncio.run(scene(Portal(suite.url, ADMIN))), examples, seconds, brief=brief)


def main() -> None:
    """Read the arguments, start servers and a suite in their own folder, run, stop."""
    parser = argparse.ArgumentParser(prog="rabta fuzz", description=__doc__)
    parser.add_argument("--minutes", type=minutes, default=5.0, help="the longest that calls are sent")
    parser.add_argument("--examples", type=int, default=5, help="fitting and unfitting cases for each operation")
    given = parser.parse_args()
    with own_suite(**QUICK | RUN_WILD) as (_, suite):
        began = time.monotonic()
        findings = run(suite, given.examples, given.minutes * 60)
    calls = findings.statuses.total()
    print("\n".join(findings.lines()))
    print(f"{calls} calls to {len(findings.operations)} operations in {time.monotonic() - began:.0f} s")
    print(", ".join(f"{status}: {times}" for status, times in sorted(findings.statuses.items())))
    for principal, labels in findings.succeeded.items():
        print(f"as {principal}: {len(labels)} operations did what they are for")
    if not findings.whole:
        print("the time was up before every case was sent")
    raise SystemExit(1 if findings.wrong else 0)


if __name__ == "__main__":
    main()
