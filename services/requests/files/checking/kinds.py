"""The kinds of files that are taken, told by their first bytes; what the sender calls them decides nothing."""

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
