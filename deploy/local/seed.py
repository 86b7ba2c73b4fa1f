"""Demo data: the seeding program, run once everything is ready."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from deploy.local.home import ROOT
from deploy.local.logfile import last_lines
from deploy.local.process import Process
from deploy.local.suite import Suite

PROGRAMS = {"seed": "deploy.cli.seed", "history": "deploy.cli.history"}
"""Accounts and samples through the API; then 90 days of history, once."""
SECONDS = 60.0


def seed(home: Path, suite: Suite, say: Callable[[str], None]) -> None:
    """Run the seeding programs; a failure is reported but does not stop the suite."""
    for name, module in PROGRAMS.items():
        if not _run(name, module, home, suite, say):
            return


def _run(name: str, module: str, home: Path, suite: Suite, say: Callable[[str], None]) -> bool:
    """Run one of them; whether it succeeded."""
    log = home / "log" / f"{name}.log"
    program = Process(
        name,
        [sys.executable, "-m", module],
        environment={**os.environ, **suite.environment, "RABTA_HOME": str(home)},
        folder=ROOT,
        log=log,
        probe=lambda: None,
        port=0,
    )
    say("adding demo data" if name == "seed" else "adding 90 days of history")
    program.start()
    code = program.wait(SECONDS)
    if code is None:
        program.kill()
        say(f"the demo data was not finished after {SECONDS:.0f} s (log: {log})")
    elif code != 0:
        say(f"the demo data could not be added (log: {log})\n{last_lines(log)}")
    return code == 0
