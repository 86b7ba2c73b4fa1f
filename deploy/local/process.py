"""A child process: start, watch, stop, kill."""

import ctypes
import os
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass
from pathlib import Path
from typing import IO

from deploy.local.errors import LocalError, NotReadyError
from deploy.local.logfile import last_lines, make_room
from deploy.local.server import Server

Probe = Callable[[], str | None]
"""Returns what is still missing, or None if the process is ready."""

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)

# The kernel ties "die with your parent" to the thread that forked, so one permanent thread does every fork.
_forks = ThreadPoolExecutor(max_workers=1, thread_name_prefix="rabta-forks")


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _spawn(
    argv: Sequence[str], environment: Mapping[str, str], folder: Path, log: IO[bytes]
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        argv,
        env=dict(environment),
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )


@dataclass(eq=False, repr=False)
class Process(Server):
    """A child process that dies with its parent, in its own session so that Ctrl-C does not reach it."""

    grace = 10.0
    """Seconds that a process may take to end after SIGTERM."""

    name: str
    argv: Sequence[str]
    _: KW_ONLY
    environment: Mapping[str, str]
    folder: Path
    log: Path
    probe: Probe
    port: int
    _log_start: int = 0
    _child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The process id. Raises LocalError if it was never started."""
        return self._running().pid

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._child is not None and self._child.poll() is None

    @property
    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self._running().poll()

    def start(self) -> None:
        """Start the process; it is ready when `wait_ready` returns. Does nothing while it runs."""
        if self.alive:
            return
        make_room(self.log)
        with self.log.open("ab") as log:
            self._log_start = log.tell()
            self._child = _forks.submit(_spawn, self.argv, self.environment, self.folder, log).result()

    def missing(self) -> str | None:
        """What is still missing; None if it is ready. Raises NotReadyError if it has ended."""
        missing = self.probe()
        if missing is not None and not self.alive:
            raise NotReadyError(f"{self.name} ended with exit code {self.exit_code}\n{self.last_said()}")
        return missing

    def wait(self, timeout: float) -> int | None:
        """Wait for the process to end by itself; returns None if it still runs after the timeout."""
        try:
            return self._running().wait(timeout)
        except subprocess.TimeoutExpired:
            return None

    def terminate(self, grace: float | None = None) -> int:
        """SIGTERM, then SIGKILL after `grace` seconds; returns the exit code (-9 if it was killed)."""
        child = self._running()
        if child.poll() is None:
            child.terminate()
        try:
            return child.wait(self.grace if grace is None else grace)
        except subprocess.TimeoutExpired:
            self.kill()
            return child.wait()

    def stop(self) -> None:
        """Stop the process cleanly, if it runs."""
        if self.alive:
            self.terminate()

    def kill(self) -> None:
        """SIGKILL now, including its process group."""
        child = self._running()
        if child.poll() is None:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()

    def last_said(self) -> str:
        """The last log lines of this run."""
        return last_lines(self.log, start=self._log_start)

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None:
            raise LocalError(f"{self.name} has not been started")
        return self._child
