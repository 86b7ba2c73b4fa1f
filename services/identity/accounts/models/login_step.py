"""A login that has shown the password and waits for the second factor."""

from dataclasses import dataclass
from datetime import datetime, timedelta

STEP_LIFE = timedelta(minutes=5)


@dataclass(frozen=True)
class LoginStep:
    """Kept by the hash of its challenge; good once, and no longer than its time."""

    id: str
    account: str
    expires_at: datetime
