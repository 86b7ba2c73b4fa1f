"""Log files of child processes: rotated, and read from the end."""

import os
from pathlib import Path

LONG_LOG = 20_000_000  # bytes


def make_room(log: Path) -> None:
    """Create the folder of a log; rename a long log to `.1`."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LONG_LOG:
        log.replace(log.with_name(log.name + ".1"))


def last_lines(path: Path, count: int = 20, start: int = 0) -> str:
    """The last lines of a text file after an offset in bytes; empty if there is no file."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(start, file.tell() - 400 * count))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
