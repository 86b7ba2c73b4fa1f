"""Reads the files to be checked, and trusted keys and roots."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from deploy.local.errors import LocalError
from shared.proof.evidence import Evidence, NoEvidenceError, Object, evidence_in, keys_in, roots_in

MAX_BYTES = 50_000_000
Found = TypeVar("Found")


def read_evidence(file: Path) -> Evidence:
    """The evidence in a file. Raises LocalError if there is none."""
    return _read(file, evidence_in)


def read_keys(file: Path) -> Object:
    """A JWK set in a file. Raises LocalError."""
    return _read(file, keys_in)


def read_roots(file: Path) -> list[Object]:
    """Daily roots in a file: a published page, or a list. Raises LocalError."""
    return _read(file, roots_in)


def _read(file: Path, find: Callable[[bytes], Found]) -> Found:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise LocalError(f"{file}: too large to be a receipt")
        return find(file.read_bytes())
    except OSError as error:
        raise LocalError(f"{file}: {error.strerror}") from None
    except NoEvidenceError as error:
        raise LocalError(f"{file}: {error}") from None
