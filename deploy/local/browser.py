"""The browser that the tests of pages are driven in: Debian's Chromium, with fonts for both languages."""

import os
import shutil
from pathlib import Path

from deploy.local import apt
from deploy.local.errors import LocalError

PACKAGES = ("chromium", "fonts-noto-core")


def program() -> str | None:
    """Chromium, where this machine has it."""
    return shutil.which("chromium")


def install_if_possible(home: Path) -> None:
    """Install Chromium and fonts where they are missing and we may; the tests that need them say so otherwise."""
    if program() or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return
    try:
        apt.install(PACKAGES, home / "log" / "apt.log")
    except LocalError as error:
        print(f"rabta: tests of pages are left out: {error}", flush=True)
