"""A new password: changed with the present one, or reset by a code. Other sessions end."""

from datetime import datetime, timedelta
from typing import Literal

from services.identity.accounts.models.citizen import Citizen
from shared.events import CitizenPasswordChanged

RESET_LIFE = timedelta(minutes=10)
SETTLING_TIME = timedelta(days=1)
"""Time for the owner to react if another person has reset the password with the owner's phone or mailbox."""


def settled_at(citizen: Citizen, now: datetime) -> datetime | None:
    """When the restrictions after a reset by code end; None if there are none.

    Until then the CNIC is masked, and mobile, email and erasure are refused, since the owner could not undo them.
    Known devices are no exception, since a reset forgets all of them.
    """
    at = citizen.password_reset_at
    return at + SETTLING_TIME if at is not None and at + SETTLING_TIME > now else None


def allow_reset(citizen: Citizen, challenge: str, token_hash: str, at: datetime) -> None:
    """Let the holder of the token choose a password, once, within some minutes, after the code was answered."""
    citizen.reset = {"challenge": challenge, "hash": token_hash, "until": at + RESET_LIFE}


def may_reset(citizen: Citizen, challenge: str, at: datetime) -> str | None:
    """The hash of the token with which a password can be chosen for this challenge now."""
    reset = citizen.reset
    if reset is None or reset["challenge"] != challenge or reset["until"] <= at:
        return None
    return str(reset["hash"])


def set_password(
    citizen: Citizen, hashed: str, how: Literal["changed", "reset"], at: datetime, keep: str | None = None
) -> None:
    """Set a new password. Pending codes and resets end, and all sessions except the one to keep.

    A pending code that takes over the account stays, so that the person who has the mobile is not shut out.
    """
    citizen.password, citizen.reset = hashed, None
    if how == "reset":
        citizen.password_reset_at = at
    citizen.codes = [code for code in citizen.codes if code.get("anew")]
    citizen.ending = {"keep": keep, "how": how}
    citizen.emit(CitizenPasswordChanged(how=how), at)
