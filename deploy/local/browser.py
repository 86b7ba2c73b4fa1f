"""The browser for tests of pages: Debian's Chromium, with fonts for both languages.

`chromium-headless-shell` is Chromium without windows; it loads a page in half the processor time. Either will do.
"""

import shutil
from pathlib import Path

from deploy.local import apt

PACKAGES = ("chromium-headless-shell", "fonts-noto-core")


def program() -> str | None:
    """Chromium, if this machine has it, preferably without windows."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


def install_if_possible(home: Path) -> None:
    """Install missing Chromium and fonts, if possible; otherwise the tests that need them say so."""
    if not program():
        apt.install_if_possible(PACKAGES, home / "log" / "apt.log", "tests of pages are left out")
