"""`rabta logs`: the last lines of all processes or of one, and new lines."""

import time
from pathlib import Path
from typing import Annotated

import typer

from deploy.local.errors import LocalError
from deploy.local.home import default_home
from deploy.local.logfile import last_lines


def logs(
    service: Annotated[str | None, typer.Argument(help="A process; default: all.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", help="Number of lines of each.")] = 20,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Continue with new lines.")] = False,
) -> None:
    """Show the logs."""
    paths = _choose(default_home() / "log", service)
    prefix = len(paths) > 1
    ends = {path: path.stat().st_size for path in paths}
    for path in paths:
        for line in last_lines(path, lines).splitlines():
            _show(path, line, prefix)
    while follow:
        time.sleep(0.3)
        for path in paths:
            ends[path] = _show_from(path, ends[path], prefix)


def _choose(folder: Path, service: str | None) -> list[Path]:
    paths = sorted(folder.glob("*.log"), key=lambda path: path.stem)
    if service is None:
        return paths
    chosen = [path for path in paths if path.stem == service or path.stem.startswith(f"{service}-")]
    if not chosen:
        raise LocalError(f"no log of {service}: there are {', '.join(path.stem for path in paths) or 'none'}")
    return chosen


def _show(path: Path, line: str, prefix: bool) -> None:
    print(f"{path.stem:<12} {line}" if prefix else line, flush=True)


def _show_from(path: Path, start: int, prefix: bool) -> int:
    """Show the complete lines after this offset; returns the offset after them (0 if the file was replaced)."""
    size = path.stat().st_size if path.exists() else 0
    if size < start:
        return 0
    with path.open("rb") as file:
        file.seek(start)
        whole, newline, _ = file.read(size - start).rpartition(b"\n")
    for line in whole.decode(errors="replace").splitlines():
        _show(path, line, prefix)
    return start + len(whole) + len(newline)
