"""A supervisor in the background: started, listened to until it is ready, then left to itself."""

import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from deploy.local.home import ROOT
from deploy.local.state import read_state


def run_detached(home: Path, arguments: Sequence[str]) -> int:
    """Start `python -m deploy.local ARGUMENTS` in a session of its own; returns when it is ready or has ended.

    What it says meanwhile is shown, and kept in `log/supervisor.log`. Gives the exit code: 0 when ready.
    """
    log = home / "log" / "supervisor.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        child = subprocess.Popen(
            [sys.executable, "-m", "deploy.local", *arguments],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    with log.open() as said:
        try:
            return _listen(home, child, said)
        except KeyboardInterrupt:
            child.terminate()
            child.wait()
            print(said.read(), end="", flush=True)
            return 130


def _listen(home: Path, child: subprocess.Popen[bytes], said: TextIO) -> int:
    while True:
        state = read_state(home)
        ready = state is not None and state.phase == "ready" and state.supervisor.pid == child.pid
        ended = child.poll()
        print(said.read(), end="", flush=True)
        if ready:
            return 0
        if ended is not None:
            return ended
        time.sleep(0.1)
