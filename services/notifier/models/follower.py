"""Who else hears of a request."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Follower:
    """Who else hears of the steps of a request, from when on."""

    number: str
    citizen_id: str
    since: datetime
