"""What the sender of a file is told."""

from typing_extensions import TypedDict


class Uploaded(TypedDict):
    """A file that was taken in."""

    id: str
    type: str
    bytes: int
    width: int | None
    height: int | None
    sha256: str
    document: str | None
    """The document of a service's charter that its sender says it is."""
    quarantined: bool
    """True until the antivirus has spoken; until then nobody gets it."""
