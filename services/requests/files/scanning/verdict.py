"""What an antivirus says of a file."""

from enum import StrEnum


class Verdict(StrEnum):
    """Clean, infected, or nothing that could be relied on."""

    CLEAN = "clean"
    INFECTED = "infected"
    NONE = "none"
