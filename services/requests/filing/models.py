"""A draft of a filing, sealed, kept for seven days after its last change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT_FOR = timedelta(days=7)
MAX_DRAFTS = 20
"""How many drafts one citizen may have."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One document of `drafts`. `slot` is one of the citizen's places for drafts, so that there are never too many.

    `hash` and `begun_as` are keyed hashes of what it holds and of what it held first: they tell a repeated write.
    """

    id: str
    citizen_id: str
    slot: int
    service: str
    sealed: str
    hash: str
    begun_as: str
    revision: int
    begun_at: datetime
    changed_at: datetime
    expires_at: datetime
