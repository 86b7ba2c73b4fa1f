"""Another password: changed by who knows the present one, or reset by a code. Other sessions end by that."""

from datetime import datetime, timedelta
from typing import Literal

from services.identity.models.citizen import Citizen
from shared.events import CitizenPasswordChanged

RESET_LIFE = timedelta(minutes=10)
SETTLES = timedelta(days=1)
"""How long the owner has to stop somebody who has reset the password with a phone or a mailbox that is not theirs."""


def settled_at(citizen: Citizen, now: datetime) -> datetime | None:
    """From when a password that a code has reset counts in full; None when it does.

    Until then nothing leads out of the account what its owner could not get back: the whole CNIC, another mobile or
    email, erasure. A known device does not come into it, since a reset forgets all of them.
    """
    at = citizen.password_reset_at
    return at + SETTLES if at is not None and at + SETTLES > now else None


def allow_reset(citizen: Citizen, challenge: str, token_hash: str, at: datetime) -> None:
    """The code was right: whoever has the token may choose a password, once and for a while."""
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
    """Another password from now on. Codes and resets that are under way end, and all sessions but the one to keep.

    What opens the account anew stays: whoever has the mobile is not kept from it by who opened the account without.
    """
    citizen.password, citizen.reset = hashed, None
    if how == "reset":
        citizen.password_reset_at = at
    citizen.codes = [code for code in citizen.codes if code.get("anew")]
    citizen.ending = {"keep": keep, "how": how}
    citizen.emit(CitizenPasswordChanged(how=how), at)
