"""What a login needs to know of an account, and sessions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.rights import Role


@dataclass(frozen=True)
class LoginAccount:
    """An account that can log in: a citizen's or a member of staff's, maybe with second factor or start password."""

    id: str
    role: Role
    password: str
    department: str | None = None
    active: bool = True
    totp: bool = False
    start_password: bool = False


@dataclass(frozen=True)
class Lifetime:
    """How long a session lasts without a refresh, and at most."""

    idle: timedelta
    absolute: timedelta


STEP_LIFE = timedelta(minutes=5)
"""How long a login waits for the second factor after a correct password."""
REPEAT_GRACE = timedelta(seconds=30)
"""How long a spent refresh token gets the same answer again: for two tabs, a double click, a lost answer."""
CITIZEN_LIFETIME = Lifetime(timedelta(hours=1), timedelta(hours=12))
STAFF_LIFETIME = Lifetime(timedelta(minutes=15), timedelta(hours=8))


def lifetime_of(role: Role) -> Lifetime:
    """The lifetime of a session of that role."""
    return CITIZEN_LIFETIME if role is Role.CITIZEN else STAFF_LIFETIME


@dataclass(frozen=True)
class Session:
    """One login and its successive refresh tokens, of which only hashes are stored.

    `used_at` is the time of the last login or refresh, `device` the family of browser and system. A limited session
    can only enrol a second factor or change the password.
    """

    id: str
    account: str
    role: Role
    department: str | None
    secret: str
    opened_at: datetime
    idle_until: datetime
    ends_at: datetime
    limited: bool = False
    used_at: datetime | None = None
    device: str = ""


@dataclass(frozen=True)
class LoginStep:
    """A login that waits for the second factor: stored by the hash of its challenge; usable once, until it expires."""

    id: str
    account: str
    expires_at: datetime
