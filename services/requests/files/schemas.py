"""The answer to an upload."""

from typing_extensions import TypedDict


class Uploaded(TypedDict):
    """An uploaded file."""

    id: str
    type: str
    bytes: int
    width: int | None
    height: int | None
    sha256: str
    document: str | None
    """The document of the charter that it is, as its sender says."""
    quarantined: bool
    """True until the antivirus has scanned it; until then it cannot be downloaded."""
