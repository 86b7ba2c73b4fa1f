"""What a citizen changes of an account: details, and the mobile, which can be undone from the old one for a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.accounts.models.citizen import Citizen, Language
from services.identity.accounts.models.proof import prove_mobile
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
    old_email = citizen.email if mended.email is not None else None
    for name in ("name", "email", "address", "language"):
        if (value := getattr(mended, name)) is not None:
            setattr(citizen, name, value)
    if mended.name is not None:
        citizen.checked("unverified", at)
    citizen.emit(
        CitizenCorrected(name=mended.name, email=mended.email, old_email=old_email, language=mended.language), at
    )


def change_mobile(citizen: Citizen, new: NewMobile, at: datetime) -> None:
    """Move to another mobile. What was sent to the old one opens nothing any more, but undoes this if it was proven."""
    if citizen.mobile_unproven is not None:
        prove_mobile(citizen, new.mobile, new.index, at)
        return
    citizen.mobile_proven_at = at
    if new.index == citizen.mobile_index:
        return  # the same number, proven once more
    until, old = at + UNDO_LIFE, citizen.mobile
    undo = {"index": new.undo_index, "mobile": old, "mobile_index": citizen.mobile_index, "until": until}
    citizen.mobile_undos = [*(earlier for earlier in citizen.mobile_undos if earlier["until"] > at), undo]
    citizen.codes = [code for code in citizen.codes if code["purpose"] == "contact"]
    citizen.reset = None
    citizen.mobile, citizen.mobile_index = new.mobile, new.index
    said = CitizenMobileChanged(mobile=new.mobile, old_mobile=old, undo=new.undo, undo_until=until)
    citizen.emit(said, at)


def undo_mobile(citizen: Citizen, index: str, password: str, at: datetime) -> bool:
    """Go back to the mobile that this undo names, with a password that nobody knows; False when it is too late.

    Earlier undos stay: whoever changes the mobile twice does not take them from the first one.
    """
    places = [place for place, undo in enumerate(citizen.mobile_undos) if undo["index"] == index and undo["until"] > at]
    if not places:
        return False
    undo = citizen.mobile_undos[places[0]]
    citizen.mobile, citizen.mobile_index, citizen.mobile_proven_at = undo["mobile"], undo["mobile_index"], at
    citizen.mobile_undos = citizen.mobile_undos[: places[0]]
    citizen.password, citizen.codes, citizen.reset = password, [], None
    citizen.ending = {"keep": None, "how": "restored"}
    citizen.emit(CitizenMobileRestored(mobile=citizen.mobile), at)
    return True
