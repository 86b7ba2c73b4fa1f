"""Starts a supervisor in the background, shows its output until it is ready, and leaves it running."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from deploy.local.home import ROOT
from deploy.local.ready_table import ready_table
from deploy.local.state import read_state

TO_LOG = "--to-log"


def run_detached(home: Path, arguments: Sequence[str]) -> int:
    """Start `python -m deploy.local ARGUMENTS` in a session of its own; returns when it is ready or has ended.

    Its output is shown and written to `log/supervisor.log`. The READY table contains passwords, so it is printed from
    here and not logged. Returns the exit code: 0 if ready.
    """
    began = time.monotonic()
    log = home / "log" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", *arguments, TO_LOG],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with log.open() as printed:
        try:
            code = _listen(home, child, printed)
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            print(printed.read(), end="", flush=True)
            return 130
    state = read_state(home)
    if code == 0 and state is not None and state.phase == "ready":
        ours = state.supervisor.pid == child.pid  # otherwise an earlier one
        print(ready_table(home, state, time.monotonic() - began if ours else None), flush=True)
    return code


def _listen(home: Path, child: subprocess.Popen[bytes], printed: TextIO) -> int:
    while True:
        state = read_state(home)
        ready = state is not None and state.phase == "ready" and state.supervisor.pid == child.pid
        ended = child.poll()
        print(printed.read(), end="", flush=True)
        if ready:
            return 0
        if ended is not None:
            return ended
        time.sleep(0.1)
