"""The home folder of a suite: data, keys, logs, and state."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def default_home() -> Path:
    """The home folder: `RABTA_HOME`, or `.rabta` beside the launcher."""
    return Path(os.environ.get("RABTA_HOME") or ROOT / ".rabta").absolute()


def private_folder(path: Path) -> Path:
    """Create a folder, with its parents, that only its owner can open; an existing one is not changed."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner only."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
