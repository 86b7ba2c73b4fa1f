"""Parts of the commands: scales, logs, and an empty folder."""

from pathlib import Path

import pytest

from deploy.local.commands.down import stop_all
from deploy.local.commands.logs import logs
from deploy.local.commands.up import parse_scale
from deploy.local.errors import LocalError


def test_scales_are_read() -> None:
    assert parse_scale(["routing=3", "notifier=2"]) == {"routing": 3, "notifier": 2}


@pytest.mark.parametrize("typed", ["routing", "routing=", "routing=many", "routing=-1"])
def test_an_invalid_scale_is_refused(typed: str) -> None:
    with pytest.raises(LocalError, match="--scale routing=3"):
        parse_scale([typed])


def test_nothing_runs_in_a_new_folder(tmp_path: Path) -> None:
    assert stop_all(tmp_path) is False


def test_logs_of_one_process_and_its_replicas(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABTA_HOME", str(tmp_path))
    monkeypatch.setattr("os.execvp", lambda program, arguments: shown.append(arguments))
    shown: list[list[str]] = []
    (tmp_path / "log").mkdir()
    for name in ("routing", "routing-2", "notifier"):
        (tmp_path / "log" / f"{name}.log").touch()
    logs("routing", lines=1, follow=True)
    files = [str(tmp_path / "log" / f"{name}.log") for name in ("routing", "routing-2")]
    assert shown == [["tail", "--lines=1", "-F", "--", *files]]
    with pytest.raises(LocalError, match="no log of gateway"):
        logs("gateway", lines=1, follow=False)
