"""Changes of an account by its citizen: details, and the mobile, which the old number can undo for a day."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from services.identity.accounts.models.citizen import Citizen, Language
from services.identity.accounts.models.proof import prove_mobile
from shared.events import CitizenCorrected, CitizenMobileChanged, CitizenMobileRestored

UNDO_LIFE = timedelta(hours=24)


@dataclass(frozen=True)
class CorrectedFields:
    """New sealed values; None leaves a field as it is."""

    name: str | None = None
    email: str | None = None
    address: str | None = None
    language: Language | None = None


@dataclass(frozen=True)
class NewMobile:
    """A proven mobile, sealed, with its blind index; and the undo code, sealed, with its blind index."""

    mobile: str
    index: str
    undo: str
    undo_index: str


def correct(citizen: Citizen, corrected: CorrectedFields, at: datetime) -> None:
    """Correct the details. The address is not published to other services."""
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
