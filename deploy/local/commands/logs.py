"""`rabta logs`: the last lines of all processes or of one, and new lines, shown by `tail`."""

import os
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.errors import LocalError
from deploy.local.home import default_home


def logs(
    service: Annotated[str | None, typer.Argument(help="A process; default: all.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", help="Number of lines of each.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Continue with new lines.")] = False,
) -> None:
    """Show the logs."""
    paths = _choose(default_home() / "log", service)
    os.execvp("tail", ["tail", f"--lines={lines}", *(["-F"] if follow else []), "--", *map(str, paths)])


def _choose(folder: Path, service: str | None) -> list[Path]:
    paths = sorted(folder.glob("*.log"), key=lambda path: path.stem)
    chosen = [path for path in paths if service is None or path.stem == service or path.stem.startswith(f"{service}-")]
    if not chosen:
        there = ", ".join(path.stem for path in paths) or "none"
        raise LocalError(f"no log of {service or 'any process'}: there are {there}")
    return chosen
