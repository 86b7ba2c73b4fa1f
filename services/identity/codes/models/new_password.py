"""A new password: changed with the present one, or reset by a code. Other sessions end."""

from datetime import datetime, timedelta
from typing import Literal

from services.identity.accounts.models.citizen import Citizen
from shared.events import CitizenPasswordChanged

RESET_LIFE = timedelta(minutes=10)
SETTLES = timedelta(days=1)
"""How long the owner has to stop somebody who has reset the password with a phone or a mailbox that is not theirs."""


def settled_at(citizen: Citizen, now: datetime) -> datetime | None:
    """When a password that a code has reset counts in full; None when it does already.

    Until then the account shows no whole CNIC and takes no other mobile, other email or erasure: its owner could not
    undo these. Known devices are no exception, since a reset forgets all of them.
    """
    at = citizen.password_reset_at
    return at + SETTLES if at is not None and at + SETTLES > now else None


def allow_reset(citizen: Citizen, challenge: str, token_hash: str, at: datetime) -> None:
    """Let the holder of the token choose a password, once and for some minutes: the code was right."""
    citizen.reset = {"challenge": challenge, "hash": token_hash, "until": at + RESET_LIFE}


def may_reset(citizen: Citizen, challenge: str, at: datetime) -> str | None:
    """The hash of the token that lets a password be chosen for this challenge now."""
    reset = citizen.reset
    if reset is None or reset["challenge"] != challenge or reset["until"] <= at:
        return None
    return str(reset["hash"])


def set_password(
    citizen: Citizen, hashed: str, how: Literal["changed", "reset"], at: datetime, keep: str | None = None
) -> None:
    """Set a new password. Codes and resets that are under way end, and all sessions but the one to keep.

    A code that opens the account anew stays: a new password must not shut out the person who has the mobile.
    """
    citizen.password, citizen.reset = hashed, None
    if how == "reset":
        citizen.password_reset_at = at
    citizen.codes = [code for code in citizen.codes if code.get("anew")]
    citizen.ending = {"keep": keep, "how": how}
    citizen.emit(CitizenPasswordChanged(how=how), at)
