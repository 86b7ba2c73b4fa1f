"""Requests that may be about the same thing."""

from typing_extensions import TypedDict

from shared.clock import TimeText


class Alike(TypedDict):
    """One that is alike, as others may see it: no words, no exact place, nobody's name."""

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


class AllAlike(TypedDict):
    """What is alike, most alike first."""

    similar: list[Alike]
