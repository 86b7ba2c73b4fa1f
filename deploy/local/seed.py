"""Demo data: the seeding program, run once everything is ready."""

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from deploy.local.home import ROOT
from deploy.local.logfile import last_lines
from deploy.local.process import Process
from deploy.local.suite import Suite

MODULE = "deploy.cli.seed"
SECONDS = 60.0


def seed(home: Path, suite: Suite, say: Callable[[str], None]) -> None:
    """Run the seeding program; a failure is reported but does not stop the suite."""
    if find_spec(MODULE) is None:
        return
    log = home / "log" / "seed.log"
    program = Process(
        "seed",
        [sys.executable, "-m", MODULE],
        environment={**os.environ, **suite.environment, "RABTA_HOME": str(home)},
        folder=ROOT,
        log=log,
        probe=lambda: None,
        port=0,
    )
    say("adding demo data")
    program.start()
    code = program.wait(SECONDS)
    if code is None:
        program.kill()
        say(f"the demo data was not finished after {SECONDS:.0f} s (log: {log})")
    elif code != 0:
        say(f"the demo data could not be added (log: {log})\n{last_lines(log)}")
