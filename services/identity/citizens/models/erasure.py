"""Erases an account. The fields that are kept are listed, and all others are emptied (docs/adr/0014)."""

from dataclasses import MISSING, fields
from datetime import datetime

from services.identity.accounts.models.citizen import Citizen
from shared.events import CitizenErased
from shared.records import PLUMBING

KEPT = frozenset({"registered_at", "verified_at", "erased_at", "inbox", "parked"})
"""They say when the account existed, but not whose it was."""
INDEXES = ("cnic_index", "mobile_index")


def erase(citizen: Citizen, at: datetime) -> bool:
    """Empty the account; False if it was erased before. CNIC and mobile can be registered again at once."""
    if citizen.erased_at is not None:
        return False
    citizen.forget_events()
    for field in fields(Citizen):
        if field.name not in KEPT | PLUMBING:
            empty = field.default if field.default_factory is MISSING else field.default_factory()
            setattr(citizen, field.name, empty)
    for index in INDEXES:  # unique: each needs a value of its own
        setattr(citizen, index, f"erased:{citizen.id}")
    citizen.erased_at = at
    citizen.ending = {"keep": None, "how": "erased"}
    citizen.emit(CitizenErased(), at)
    return True
