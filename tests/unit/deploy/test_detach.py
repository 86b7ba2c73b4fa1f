"""`up --detach`: the READY table with its passwords is printed, but not logged."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from deploy.local.commands import up
from deploy.local.detach import TO_LOG, run_detached
from deploy.local.state import Running, SupervisorState, started_at, write_state
from tests.unit.deploy.test_ready_table import ENVIRONMENT

PASSWORD = "citizen-password-7391"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home folder with one demo account."""
    account = {"role": "citizen", "login": "35000-0000042-7", "password": PASSWORD}
    (tmp_path / "demo.json").write_text(json.dumps({"accounts": [account]}))
    return tmp_path


def state(pid: int) -> SupervisorState:
    """A suite that is ready."""
    return SupervisorState("ready", Running("supervisor", pid, started_at(pid)), "http://127.0.0.1:8080", ENVIRONMENT)


class Child:
    """A background supervisor that prints a line and is ready, or finds another one and ends."""

    asked: list[str]
    home: Path
    pid = os.getpid()
    code: int | None = None

    def __init__(self, command: list[str], *, stdout: BinaryIO, **_: Any) -> None:
        Child.asked = command
        stdout.write(b"rabta: starting MongoDB and RabbitMQ\n")
        stdout.flush()
        write_state(self.home, state(Child.pid if self.code is None else 1))

    def poll(self) -> int | None:
        """None while it runs."""
        return self.code


@pytest.mark.parametrize("code", [None, 0])
def test_the_table_is_printed_and_not_logged(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], code: int | None
) -> None:
    monkeypatch.setattr(subprocess, "Popen", Child)
    monkeypatch.setattr(Child, "home", home, raising=False)
    monkeypatch.setattr(Child, "code", code)
    assert run_detached(home, ["up"]) == 0
    shown = capsys.readouterr().out
    assert "starting MongoDB" in shown
    assert PASSWORD in shown
    assert ("READY in" in shown) is (code is None)
    assert Child.asked[-2:] == ["up", TO_LOG]
    assert PASSWORD not in (home / "log" / "supervisor.log").read_text()


@pytest.mark.parametrize("to_log", [False, True])
def test_the_log_contains_no_table(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], to_log: bool
) -> None:
    class Supervisor:
        def __init__(self, *_: Any) -> None: ...

        def bring_up(self) -> None: ...

        def state(self) -> SupervisorState:
            return state(os.getpid())

        def enter(self, phase: str) -> None:
            assert phase == "ready"

        def watch(self) -> None:
            raise up.StopAskedError

        def stop(self) -> None: ...

    nothing: Any = lambda *_, **__: None  # noqa: E731
    for name in ("plan_servers", "Suite", "_on_signals", "seed"):
        monkeypatch.setattr(up, name, nothing)
    monkeypatch.setattr(up, "Supervisor", Supervisor)
    monkeypatch.setattr(up, "default_home", lambda: home)
    up.up(to_log=to_log)
    assert (PASSWORD in capsys.readouterr().out) is not to_log
