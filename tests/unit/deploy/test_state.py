"""The state file: read as written, readable by its owner only, and safe with recycled pids."""

import os
from pathlib import Path

from deploy.local.state import Running, SupervisorState, read_state, started_at, write_state


def me() -> Running:
    return Running("me", os.getpid(), started_at(os.getpid()))


def test_state_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    state = SupervisorState("ready", me(), "http://127.0.0.1:8080", {"RABTA_ENV": "demo"}, [me()], ["note"])
    write_state(tmp_path, state)
    assert read_state(tmp_path) == state
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600


def test_a_new_folder_has_no_state(tmp_path: Path) -> None:
    assert read_state(tmp_path) is None


def test_the_same_pid_with_another_start_is_another_process() -> None:
    real = me()
    assert real.alive
    assert real.started is not None
    assert not Running("recycled", real.pid, real.started - 1).alive
    assert not Running("given", None, None).alive
