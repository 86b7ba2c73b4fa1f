"""The virtual environment: created if missing, updated if a lock file has changed."""

import fcntl
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import TextIO

from deploy.local import apt
from deploy.local.errors import PrerequisiteError


class VirtualEnvironment:
    """A virtual environment; two files in it record its interpreter and what was installed."""

    def __init__(self, folder: str | Path, home: Path) -> None:
        self.folder = Path(folder)
        self.python = self.folder / "bin" / "python"
        self.home = home
        self._maker = self.folder / "rabta-maker.json"
        self._installed = self.folder / "rabta-installed.json"
        self._pip = [str(self.python), "-m", "pip"]

    @property
    def exists(self) -> bool:
        """Whether it has a working interpreter."""
        return os.access(self.python, os.X_OK)

    def ensure(self, requirements: Sequence[Path]) -> None:
        """Create the environment and install changed lock files."""
        if self._is_current(requirements):
            return
        with self._lock():
            if not self.exists or self._is_stale():
                self._make()
            installed = self._read(self._installed)
            changed = [path for path in requirements if installed.get(path.name) != _digest(path)]
            if changed:
                self._install(changed)
                installed |= {path.name: _digest(path) for path in changed}
                self._installed.write_text(json.dumps(installed, indent=2))

    def _is_current(self, requirements: Sequence[Path]) -> bool:
        installed = self._read(self._installed)
        return (
            self.exists
            and not self._is_stale()
            and all(installed.get(path.name) == _digest(path) for path in requirements)
        )

    def _is_stale(self) -> bool:
        """Whether the system's Python was replaced since; an environment that we did not create is not changed."""
        made_by = self._read(self._maker).get("python")
        return made_by is not None and made_by != os.path.realpath(self.python)

    def _make(self) -> None:
        print(f"creating a virtual environment in {self.folder}", flush=True)
        options = ["--clear"] if (self.folder / "pyvenv.cfg").exists() else []
        if not options and self.folder.exists() and any(self.folder.iterdir()):
            raise PrerequisiteError(f"{self.folder} is no virtual environment: name another folder in RABTA_VENV")
        if not _has_ensurepip() and os.geteuid() == 0 and shutil.which("apt-get"):
            version = f"{sys.version_info.major}.{sys.version_info.minor}"
            apt.install([f"python{version}-venv"], self.home / "log" / "apt.log")
        if not _has_ensurepip():
            if importlib.util.find_spec("pip") is None or importlib.util.find_spec("venv") is None:
                raise PrerequisiteError(f"missing here: python3-venv. Run: sudo apt-get install -y {apt.EVERYTHING}")
            options.append("--without-pip")
        made = subprocess.run(
            [sys.executable, "-m", "venv", *options, str(self.folder)], capture_output=True, text=True, check=False
        )
        if made.returncode != 0:
            raise PrerequisiteError(f"no virtual environment could be made: {made.stdout}{made.stderr}".strip())
        self._maker.write_text(json.dumps({"python": os.path.realpath(self.python)}))

    def _install(self, requirements: Sequence[Path]) -> None:
        count = sum(path.read_text().count("==") for path in requirements)
        names = ", ".join(path.name for path in requirements)
        pip = self._pip
        if importlib.util.find_spec("pip") and not any(self.folder.glob("lib/python*/site-packages/pip")):
            pip = [sys.executable, "-m", "pip", "--python", str(self.python)]
        command = [*pip, "install", "--quiet", "--no-input", "--disable-pip-version-check", "--no-deps"]
        command += ["--require-hashes", *(f"--requirement={path}" for path in requirements)]
        _run_with_clock(command, f"installing {count} locked packages ({names})")

    def _read(self, stamp: Path) -> dict[str, str]:
        if not stamp.exists():
            return {}
        content: dict[str, str] = json.loads(stamp.read_text())
        return content

    @contextmanager
    def _lock(self) -> Iterator[TextIO]:
        """Serialise installations of commands that were started at once."""
        with (self.home / "install.lock").open("w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield file


def _has_ensurepip() -> bool:
    importlib.invalidate_caches()
    return importlib.util.find_spec("ensurepip") is not None


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _run_with_clock(command: Sequence[str], what: str) -> None:
    """Run a long command, and print the seconds it took. Raises PrerequisiteError with its last lines."""
    began = time.monotonic()
    print(what, end="", flush=True)
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    print(f" {time.monotonic() - began:.0f} s", flush=True)
    if done.returncode != 0:
        lines = "\n".join(done.stdout.splitlines()[-20:])
        raise PrerequisiteError(f"pip could not install the locked packages; it says:\n{lines}")
