"""Reads the files to be checked, and trusted keys and roots."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from deploy.local.errors import LocalError
from shared.proof.evidence import NoEvidenceError

MAX_BYTES = 50_000_000
Found = TypeVar("Found")


def read(file: Path, find: Callable[[bytes], Found]) -> Found:
    """What `find` finds in a file. Raises LocalError."""
    try:
        if file.stat().st_size > MAX_BYTES:
            raise LocalError(f"{file}: too large to be a receipt")
        return find(file.read_bytes())
    except OSError as error:
        raise LocalError(f"{file}: {error.strerror}") from None
    except NoEvidenceError as error:
        raise LocalError(f"{file}: {error}") from None
