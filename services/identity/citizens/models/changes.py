"""Changes of an account by its citizen: details; the mobile, which the old number can undo for a day; erasure."""

from dataclasses import MISSING, dataclass, field, fields
from datetime import datetime, timedelta

from services.identity.accounts.models.citizen import Citizen, Language
from services.identity.accounts.models.proof import prove_mobile
from shared.events import CitizenCorrected, CitizenErased, CitizenMobileChanged, CitizenMobileRestored
from shared.records import PLUMBING

UNDO_LIFE = timedelta(hours=24)
KEPT = frozenset({"registered_at", "verified_at", "erased_at", "inbox", "parked"})
"""Fields that an erasure keeps (docs/adr/0014): they say when the account existed, but not whose it was."""
INDEXES = ("cnic_index", "mobile_index")


@dataclass(frozen=True)
class DataCorrection:
    """The fields to correct, None where one stays. A new email needs the password, since codes go there."""

    name: str | None = field(default=None, repr=False)
    email: str | None = field(default=None, repr=False)
    address: str | None = field(default=None, repr=False)
    language: Language | None = None
    password: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class NewMobile:
    """A proven mobile, sealed, with its blind index; and the undo code, sealed, with its blind index."""

    mobile: str
    index: str
    undo: str
    undo_index: str


def correct(citizen: Citizen, corrected: DataCorrection, at: datetime) -> None:
    """Correct the details with sealed values. The address is not published to other services."""
    old_email = citizen.email if corrected.email is not None else None
    for name in ("name", "email", "address", "language"):
        if (value := getattr(corrected, name)) is not None:
            setattr(citizen, name, value)
    if corrected.name is not None:
        citizen.checked("unverified", at)
    event = CitizenCorrected(
        name=corrected.name, email=corrected.email, old_email=old_email, language=corrected.language
    )
    citizen.emit(event, at)


def change_mobile(citizen: Citizen, new: NewMobile, at: datetime) -> None:
    """Change the mobile. Codes sent to the old one become invalid; if it was proven, it gets an undo code."""
    if citizen.mobile_unproven is not None:
        prove_mobile(citizen, new.mobile, new.index, at)
        return
    citizen.mobile_proven_at = at
    if new.index == citizen.mobile_index:
        return  # the same number, proven again
    until, old = at + UNDO_LIFE, citizen.mobile
    undo = {"index": new.undo_index, "mobile": old, "mobile_index": citizen.mobile_index, "until": until}
    citizen.mobile_undos = [*(earlier for earlier in citizen.mobile_undos if earlier["until"] > at), undo]
    citizen.codes = [code for code in citizen.codes if code["purpose"] == "contact"]
    citizen.reset = None
    citizen.mobile, citizen.mobile_index = new.mobile, new.index
    event = CitizenMobileChanged(mobile=new.mobile, old_mobile=old, undo=new.undo, undo_until=until)
    citizen.emit(event, at)


def undo_mobile(citizen: Citizen, index: str, password: str, at: datetime) -> bool:
    """Restore the mobile of this undo and set an unknown password; False if it is too late.

    Earlier undos stay, so that a second change does not invalidate the undo of the first.
    """
    valid = [n for n, undo in enumerate(citizen.mobile_undos) if undo["index"] == index and undo["until"] > at]
    if not valid:
        return False
    undo = citizen.mobile_undos[valid[0]]
    citizen.mobile, citizen.mobile_index, citizen.mobile_proven_at = undo["mobile"], undo["mobile_index"], at
    citizen.mobile_undos = citizen.mobile_undos[: valid[0]]
    citizen.password, citizen.codes, citizen.reset = password, [], None
    citizen.ending = {"keep": None, "how": "restored"}
    citizen.emit(CitizenMobileRestored(mobile=citizen.mobile), at)
    return True


def erase(citizen: Citizen, at: datetime) -> bool:
    """Empty the account; False if it was erased before. CNIC and mobile can be registered again at once."""
    if citizen.erased_at is not None:
        return False
    citizen.forget_events()
    for one in fields(Citizen):
        if one.name not in KEPT | PLUMBING:
            empty = one.default if one.default_factory is MISSING else one.default_factory()
            setattr(citizen, one.name, empty)
    for index in INDEXES:  # unique: each needs a value of its own
        setattr(citizen, index, f"erased:{citizen.id}")
    citizen.erased_at = at
    citizen.ending = {"keep": None, "how": "erased"}
    citizen.emit(CitizenErased(), at)
    return True
