"""The kinds of files that are taken, told by their first bytes, and why others are not.

What the sender calls a file decides nothing. Each reason has its words in `shared/problems.yaml`.
"""

from shared.errors import Problem

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
EXTENSIONS = {JPEG: "jpg", PNG: "png", WEBP: "webp", PDF: "pdf"}
LONGEST = 16


def kind_of(start: bytes) -> str | None:
    """The media type that the first bytes (16 are enough) belong to; None for everything we do not take."""
    if start.startswith(b"\xff\xd8\xff"):
        return JPEG
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if start[:4] == b"RIFF" and start[8:12] == b"WEBP":
        return WEBP
    return PDF if start.startswith(b"%PDF-1.") or start.startswith(b"%PDF-2.") else None


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
