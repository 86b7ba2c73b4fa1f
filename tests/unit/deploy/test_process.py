"""A child process: readiness, clean stop, kill, and no leftovers."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from deploy.local.errors import NotReadyError
from deploy.local.home import ROOT
from deploy.local.logfile import last_lines
from deploy.local.process import Process
from deploy.local.state import started_at

READY = "import signal, time; print('up', flush=True); signal.pause()"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); signal.pause()"


class Start(Protocol):
    def __call__(self, program: str) -> Process: ...


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def run(program: str) -> Process:
            log = tmp_path / "log" / "child.log"
            process = Process(
                "child",
                [sys.executable, "-c", program],
                environment=os.environ,
                folder=tmp_path,
                log=log,
                probe=lambda: None if "up" in last_lines(log) else "not up",
                port=0,
            )
            process.start()
            stack.callback(process.stop)
            return process

        yield run


def test_sigterm_ends_it_and_gives_its_exit_code(start: Start) -> None:
    process = start(READY)
    process.wait_ready(10)
    assert process.terminate() == -signal.SIGTERM
    assert not process.alive


def test_a_process_that_ignores_sigterm_is_killed(start: Start) -> None:
    process = start(DEAF)
    process.wait_ready(10)
    assert process.terminate(grace=0.1) == -signal.SIGKILL


def test_a_killed_process_can_be_started_again(start: Start) -> None:
    process = start(READY)
    process.wait_ready(10)
    first = process.pid
    process.kill()
    assert process.exit_code == -signal.SIGKILL
    process.start()
    assert process.alive
    assert process.pid != first


def test_an_early_end_is_reported_with_the_last_log_lines(start: Start) -> None:
    process = start("print('no such key'); raise SystemExit(3)")
    with pytest.raises(NotReadyError, match=r"(?s)child ended with exit code 3\nno such key"):
        process.wait_ready(30)


def test_waiting_for_readiness_ends_after_the_timeout(start: Start) -> None:
    process = start("import signal; signal.pause()")
    with pytest.raises(NotReadyError, match="not ready after 0 s: not up"):
        process.wait_ready(0.3)


def test_a_process_dies_when_its_parent_is_killed(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from deploy.local.process import Process\n"
        f"process = Process('child', [sys.executable, '-c', {READY!r}], environment=os.environ,"
        f" folder=Path('.'), log=Path({str(tmp_path / 'log')!r}), probe=lambda: None, port=0)\n"
        "process.start(); print(process.pid, flush=True); signal.pause()"
    )
    with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        assert started_at(child) is not None
        parent.kill()
    end = time.monotonic() + 10
    while started_at(child) is not None and time.monotonic() < end:
        os.sched_yield()
    assert started_at(child) is None


def test_last_lines_returns_the_end_of_the_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("\n".join(str(number) for number in range(100)))
    assert last_lines(log, 3) == "97\n98\n99"
    assert last_lines(tmp_path / "none") == ""
