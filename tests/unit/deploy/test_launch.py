"""The launcher: the requirements of commands, and folders that are not ours."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local.errors import PrerequisiteError
from deploy.local.home import ROOT
from deploy.local.launch import requirement_files
from deploy.local.venv import VirtualEnvironment


def test_only_developers_get_the_tools(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RABTA_MONGO_URL", raising=False)
    assert requirement_files("up") == ("requirements.txt", "requirements-local.txt")
    assert requirement_files("check") == ("requirements-dev.txt",)
    assert requirement_files("subscribe") == ("requirements.txt",)
    assert requirement_files("down") == ()


def test_a_given_database_needs_no_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RABTA_MONGO_URL", "mongodb://db/")
    assert requirement_files("up") == ("requirements.txt",)


def test_a_folder_that_is_not_an_environment_is_not_cleared(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    with pytest.raises(PrerequisiteError, match="no virtual environment"):
        VirtualEnvironment(tmp_path, tmp_path).ensure([])
    assert (tmp_path / "photos").exists()


def test_an_installed_lock_file_is_not_installed_again(tmp_path: Path) -> None:
    lock = tmp_path / "requirements.txt"
    lock.write_text("")
    folder = tmp_path / "venv"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    (folder / "rabta-installed.json").write_text(json.dumps({"requirements.txt": empty}))
    VirtualEnvironment(folder, tmp_path).ensure([lock])
    assert not (tmp_path / "install.lock").exists()


def test_the_launcher_is_found_through_a_link(tmp_path: Path) -> None:
    link = tmp_path / "rabta"
    link.symlink_to(ROOT / "rabta")
    done = subprocess.run(
        [sys.executable, link, "down"],
        env={**os.environ, "RABTA_HOME": str(tmp_path / "home"), "RABTA_VENV": str(tmp_path / "none")},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, f"nothing has been started in {tmp_path / 'home'} yet\n")
