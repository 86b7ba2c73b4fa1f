"""A login that waits for the second factor after a correct password."""

from dataclasses import dataclass
from datetime import datetime, timedelta

STEP_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class LoginStep:
    """Stored by the hash of its challenge; usable once, until it expires."""

    id: str
    account: str
    expires_at: datetime
