"""The browser for tests of pages: Debian's Chromium, with fonts for both languages."""

import shutil
from pathlib import Path

from deploy.local import apt

PACKAGES = ("chromium", "fonts-noto-core")


def program() -> str | None:
    """Chromium, if this machine has it."""
    return shutil.which("chromium")


def install_if_possible(home: Path) -> None:
    """Install missing Chromium and fonts, if possible; otherwise the tests that need them say so."""
    if not program():
        apt.install_if_possible(PACKAGES, home / "log" / "apt.log", "tests of pages are left out")
