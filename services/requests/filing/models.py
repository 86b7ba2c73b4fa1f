"""A draft of a filing, sealed, kept for seven days after its last change."""

from dataclasses import dataclass
from datetime import datetime, timedelta

KEPT_FOR = timedelta(days=7)
MAX_DRAFTS = 20
"""How many drafts one citizen may have."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One document of `drafts`. `slot` is unique for each citizen and below MAX_DRAFTS, which limits their number.

    `hash` and `begun_as` are keyed hashes of the present and the first content, to recognise repeated writes.
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
