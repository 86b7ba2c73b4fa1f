"""`rabta down`: stop the suite of this folder."""

import os
import signal
import time
from pathlib import Path

from deploy.local.docker import docker
from deploy.local.errors import LocalError
from deploy.local.home import default_home
from deploy.local.state import Running, SupervisorState, read_state

PATIENCE = 120.0
"""Seconds: more than all processes may take together to stop."""


def down() -> None:
    """Stop everything; data is kept."""
    print("rabta: stopped" if stop_all(default_home()) else "rabta: nothing is running here")


def stop_all(home: Path) -> bool:
    """Stop the processes in this folder's state; False if none was running."""
    state = read_state(home)
    if state is None:
        return False
    if state.alive and state.supervisor.pid is not None:
        os.kill(state.supervisor.pid, signal.SIGTERM)
        _wait_for(state.supervisor, PATIENCE)
        return True
    return _stop_what_was_left(state)


def _stop_what_was_left(state: SupervisorState) -> bool:
    """Clean up after a killed supervisor: its processes ended with it, its containers did not."""
    found = False
    for process in state.processes:
        if process.container and process.alive:
            docker("rm", "--force", process.container)
            found = True
        elif process.pid is not None and process.alive:
            os.kill(process.pid, signal.SIGTERM)
            _wait_for(process, 15.0)
            found = True
    return found


def _wait_for(process: Running, seconds: float) -> None:
    end = time.monotonic() + seconds
    while process.alive:
        if time.monotonic() > end:
            raise LocalError(f"{process.name} (pid {process.pid}) has not ended after {seconds:.0f} s")
        time.sleep(0.1)
