"""The folder where one suite keeps everything: data, keys, logs, and what runs."""

import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def default_home() -> Path:
    """The folder of this suite: `RABTA_HOME`, or `.rabta` beside the launcher."""
    return Path(os.environ.get("RABTA_HOME") or ROOT / ".rabta").absolute()


def private_folder(path: Path) -> Path:
    """Make a folder that only its owner may open, with its parents; an existing one is left as it is."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def write_private(path: Path, text: str) -> None:
    """Replace a file in one step, readable by its owner alone."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    draft.replace(path)
