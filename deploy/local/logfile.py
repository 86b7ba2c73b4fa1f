"""Log files of child processes: kept short, and read from the end."""

import os
from pathlib import Path

LONG_LOG = 20_000_000  # bytes


def make_room(log: Path) -> None:
    """Make the folder of a log; a long log becomes the `.1` beside it."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LONG_LOG:
        log.replace(log.with_name(log.name + ".1"))


def last_lines(path: Path, count: int = 20, start: int = 0) -> str:
    """The last lines of a text file after an offset in bytes; empty when there is none."""
    if not path.exists():
        return ""
    with path.open("rb") as file:
        file.seek(0, os.SEEK_END)
        file.seek(max(start, file.tell() - 400 * count))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
