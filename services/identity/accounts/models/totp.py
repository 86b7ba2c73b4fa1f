"""Time-based one-time passwords (RFC 6238: six digits, steps of 30 s), and recovery codes."""

import base64
import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

SECRET_BYTES = 20
DIGITS = 6
STEP_SECONDS = 30
MAX_DRIFT = 1
"""Time steps by which the phone's clock may be wrong."""
ISSUER = "Rabta"
RECOVERY_CODES = 10
RECOVERY_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: o, i, l are read as digits
RECOVERY_LENGTH = 10
MISREAD = str.maketrans("oil", "011")


@dataclass(frozen=True)
class SecondFactor:
    """A member's second factor: the sealed secret, the last accepted time step, hashes of recovery codes.

    It is in use only once `confirmed_at` is set.
    """

    secret: str
    last_step: int = -1
    recovery: tuple[str, ...] = ()
    confirmed_at: datetime | None = None


def new_secret() -> bytes:
    """160 random bits, as RFC 4226 recommends."""
    return secrets.token_bytes(SECRET_BYTES)


def written(secret: bytes) -> str:
    """The secret in base32, as typed into an app."""
    return base64.b32encode(secret).decode()


def uri_of(secret: bytes, login: str) -> str:
    """The URI for the QR code that the app scans."""
    return _totp(secret).get_provisioning_uri(login, ISSUER)


def code_at(secret: bytes, step: int) -> str:
    """The code of one time step."""
    return _totp(secret).generate(step * STEP_SECONDS).decode()


def step_of(at: datetime) -> int:
    """The time step of a moment."""
    return int(at.timestamp()) // STEP_SECONDS


def accepted_step(secret: bytes, code: str, now: datetime, last_step: int) -> int | None:
    """The time step of the code if it is near now and later than the last one; else None."""
    here = step_of(now)
    steps = range(here - MAX_DRIFT, here + MAX_DRIFT + 1)
    fitting = [step for step in steps if hmac.compare_digest(code_at(secret, step), code)]
    return next((step for step in fitting if step > last_step), None)


def new_recovery_code() -> str:
    """A recovery code: 50 random bits, in two groups of letters."""
    letters = "".join(secrets.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH))
    return f"{letters[:5]}-{letters[5:]}"


def read_recovery_code(text: str) -> str | None:
    """A recovery code in its normal spelling, or None."""
    letters = "".join(text.lower().split()).replace("-", "").translate(MISREAD)
    if len(letters) != RECOVERY_LENGTH or not set(letters) <= set(RECOVERY_LETTERS):
        return None
    return f"{letters[:5]}-{letters[5:]}"


def _totp(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP_SECONDS)  # what authenticator apps know
