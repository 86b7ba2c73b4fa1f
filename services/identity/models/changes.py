"""What a citizen changes of an account: details, and the mobile, which can be undone from the old one for a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.models.citizen import Citizen, Language
from shared.events import CitizenCorrected, CitizenMobileChanged, CitizenMobileRestored

UNDO_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class Mended:
    """Sealed values to put in place of the old ones; None leaves them."""

    name: str | None = None
    email: str | None = None
    address: str | None = None
    language: Language | None = None


@dataclass(frozen=True)
class NewMobile:
    """A proven mobile, sealed, with its blind index; and the code that undoes it, sealed, with its own."""

    mobile: str
    index: str
    undo: str
    undo_index: str


def correct(citizen: Citizen, mended: Mended, at: datetime) -> None:
    """Mend the details. The address is identity's own and told to nobody."""
    for name in ("name", "email", "address", "language"):
        if (value := getattr(mended, name)) is not None:
            setattr(citizen, name, value)
    if mended.name is not None:
        citizen.checked("unverified", at)
    citizen.emit(CitizenCorrected(name=mended.name, email=mended.email, language=mended.language), at)


def change_mobile(citizen: Citizen, new: NewMobile, at: datetime) -> None:
    """Move to another mobile."""
    until, old = at + UNDO_LIFE, citizen.mobile
    citizen.mobile_undo = {
        "index": new.undo_index,
        "mobile": old,
        "mobile_index": citizen.mobile_index,
        "until": until,
    }
    citizen.mobile, citizen.mobile_index = new.mobile, new.index
    said = CitizenMobileChanged(mobile=new.mobile, old_mobile=old, undo=new.undo, undo_until=until)
    citizen.emit(said, at)


def undo_mobile(citizen: Citizen, password: str, at: datetime) -> bool:
    """Go back to the old mobile with a password that nobody knows; False when it is too late."""
    undo = citizen.mobile_undo
    if undo is None or undo["until"] <= at:
        return False
    citizen.mobile, citizen.mobile_index = undo["mobile"], undo["mobile_index"]
    citizen.mobile_undo, citizen.password, citizen.codes = None, password, []
    citizen.emit(CitizenMobileRestored(mobile=citizen.mobile), at)
    return True
