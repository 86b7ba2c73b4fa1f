"""Possible duplicates."""

from typing_extensions import TypedDict

from shared.clock import TimeText


class DuplicateCandidate(TypedDict):
    """A possible duplicate, without texts, exact place and names."""

    number: str
    service: str
    state: str
    stage: str
    district: str
    submitted_at: TimeText | None
    due_at: TimeText | None
    metres: int | None
    likeness: float
    """From 0 to 1."""
    followers: int
    yours: bool
    following: bool


class DuplicateCandidates(TypedDict):
    """Possible duplicates, the most similar first."""

    similar: list[DuplicateCandidate]
