"""`rabta test`, `rabta check` and other commands for developers."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import typer

from deploy.local import apt, browser
from deploy.local.home import ROOT, default_home

SCRIPTS = Path(sys.executable).parent
CHECKS = (
    ("ruff check", (str(SCRIPTS / "ruff"), "check", ".", "rabta")),
    ("ruff format", (str(SCRIPTS / "ruff"), "format", "--check", ".", "rabta")),
    ("mypy", (sys.executable, "-m", "mypy")),
    ("mypy rabta", (sys.executable, "-m", "mypy", "--scripts-are-modules", "rabta")),
    ("import-linter", (str(SCRIPTS / "lint-imports"),)),
)
"""Name and command of every check; all run, even after a failure."""
MAIL_PROGRAMS = {"postfix": "postfix", "dovecot": "dovecot-imapd"}
"""Mail servers for tests, and their packages."""
PACKAGES = ("deploy", "gateway", "services", "shared", "tools")
TOOLS = {
    "chaos": (
        "tools.chaos",
        "Kill processes and servers under load and count losses; `--kills N`. Starts its own servers.",
    ),
    "bench": (
        "tools.load",
        "Measure the suite against a floor; `reads`: reading many requests; `messages`: a fan-out.",
    ),
    "fuzz": ("tools.fuzz", "Send generated calls as every role; `--minutes M --examples N`. Starts its own servers."),
    "timing": ("tools.timing", "Test whether response times reveal an account; `--samples N`. Starts its own servers."),
    "screenshots": (
        "deploy.screenshots",
        "Take pictures of the pages for docs/screenshots; `--only NAME`, `--running`. Own servers.",
    ),
}
"""Commands that become another program: its module, and the help."""
EVERYTHING = ("-n", "3", "--dist", "loadfile", "--no-loadscope-reorder")
"""Three workers on two cores: tests also wait; a fourth gains 3 %. A file stays on one worker: it shares servers."""


def test(context: typer.Context) -> None:
    """Run all tests in parallel, or pass the arguments to pytest. Starts its own servers and Chromium."""
    browser.install_if_possible(default_home())
    missing = [package for program, package in MAIL_PROGRAMS.items() if not shutil.which(program, path="/usr/sbin")]
    if missing:
        without = f"tests with {' and '.join(missing)} are left out"
        apt.install_if_possible(missing, default_home() / "log" / "apt.log", without)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # otherwise every process compiles all modules again
    subprocess.run([sys.executable, "-m", "compileall", "-q", *PACKAGES], cwd=ROOT, check=False)  # once for all workers
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *(context.args or EVERYTHING)])


def running_tool(module: str) -> Callable[[typer.Context], None]:
    """A command that becomes a tool, which gets all arguments as typed."""

    def run(context: typer.Context) -> None:
        os.execv(sys.executable, [sys.executable, "-m", module, *context.args])

    return run


def check() -> None:
    """Run every static check; exit code 1 if one fails."""
    failed = []
    for name, command in CHECKS:
        began = time.monotonic()
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        word = "ok" if done.returncode == 0 else "FAILED"
        print(f"{name:<14} {word} ({time.monotonic() - began:.1f} s)", flush=True)
        if done.returncode != 0:
            failed.append(name)
            print(f"{done.stdout}{done.stderr}", flush=True)
    raise typer.Exit(1 if failed else 0)
