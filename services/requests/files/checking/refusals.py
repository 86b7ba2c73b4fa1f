"""Why a file is not taken. Each reason has its words in `shared/problems.yaml`."""

from shared.errors import Problem

TYPE, BROKEN, PIXELS = "file-type", "file-broken", "file-pixels"
ACTIVE, LOCKED, HEAVY = "file-active", "file-locked", "file-heavy"
REASONS = (TYPE, BROKEN, PIXELS, ACTIVE, LOCKED, HEAVY)


class FileRefusedError(Problem):
    """The content does not do: broken, too many pixels, scripts in it, locked, or too much to open."""

    status, code = 422, BROKEN


class FileTypeError(Problem):
    """Neither a picture of a kind we take nor a PDF."""

    status, code = 415, TYPE


def refusal(reason: str) -> Problem:
    """The problem that a reason stands for; whatever is not known means that the file could not be read."""
    if reason == TYPE:
        return FileTypeError()
    return FileRefusedError(reason if reason in REASONS else BROKEN)
