"""Missing Debian packages: installed as root, otherwise named in one clear line."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.local.errors import PrerequisiteError

EVERYTHING = "python3-venv rabbitmq-server libcurl4"
"""All packages that a bare machine needs besides Python, so that one request to its administrator is enough."""
POLICY = Path("/usr/sbin/policy-rc.d")


@contextmanager
def _nothing_is_started() -> Iterator[None]:
    """Prevent post-install scripts from starting services (RabbitMQ would take port 5672)."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def install(packages: Sequence[str], log: Path) -> None:
    """Install packages with apt-get. Raises PrerequisiteError, which says what to do instead."""
    if not packages:
        return
    names = " ".join(packages)
    if shutil.which("apt-get") is None:
        raise PrerequisiteError(f"missing here: {names}. Install them with this system's package manager")
    if os.geteuid() != 0:
        raise PrerequisiteError(f"missing here: {names}. Run: sudo apt-get install -y {EVERYTHING}")
    log.parent.mkdir(parents=True, exist_ok=True)
    print(f"installing {names} with apt-get (log: {log})", flush=True)
    with _nothing_is_started():
        _apt(["update"], log)
        if _apt(["install", "-y", "--no-install-recommends", *packages], log) != 0:
            raise PrerequisiteError(f"apt-get could not install {names}: see {log}")


def install_if_possible(packages: Sequence[str], log: Path, without: str) -> None:
    """Install what only tests need, if possible; otherwise say what happens `without` it."""
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    try:
        install(packages, log)
    except PrerequisiteError as error:
        print(f"rabta: {without}: {error}", flush=True)


def _apt(arguments: Sequence[str], log: Path) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with log.open("ab") as output:
        return subprocess.run(
            ["apt-get", "-q", *arguments],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=False,
        ).returncode
