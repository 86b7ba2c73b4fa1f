"""The browser that the tests of pages are driven in: Debian's Chromium, with fonts for both languages."""

import shutil
from pathlib import Path

from deploy.local import apt

PACKAGES = ("chromium", "fonts-noto-core")


def program() -> str | None:
    """Chromium, where this machine has it."""
    return shutil.which("chromium")


def install_if_possible(home: Path) -> None:
    """Install Chromium and fonts where they are missing and we may; the tests that need them say so otherwise."""
    if not program():
        apt.install_if_possible(PACKAGES, home / "log" / "apt.log", "tests of pages are left out")
