"""The accepted kinds of files, recognised by their first bytes, and the reasons for refusing files.

Name and Content-Type are ignored. Texts for each reason are in `shared/problems.yaml`.
"""

from shared.errors import InvalidError, Problem
from shared.jsonbody import UnsupportedMediaTypeError

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
EXTENSIONS = {JPEG: "jpg", PNG: "png", WEBP: "webp", PDF: "pdf"}
SIGNATURE_BYTES = 16


def kind_of(start: bytes) -> str | None:
    """The media type of a file by its first SIGNATURE_BYTES; None if it is not accepted."""
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


def refusal(reason: str) -> Problem:
    """The problem for a reason; unknown reasons mean that the file could not be read."""
    if reason == TYPE:
        return UnsupportedMediaTypeError(TYPE)
    return InvalidError(reason if reason in REASONS else BROKEN)
