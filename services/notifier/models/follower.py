"""Followers of requests."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Follower:
    """A citizen who hears of the steps of a request that somebody else filed, from when on."""

    number: str
    citizen_id: str
    since: datetime
