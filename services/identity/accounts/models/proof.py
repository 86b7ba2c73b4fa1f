"""What codes prove: by SMS the mobile, for a year; by email only that somebody reads the mailbox.

A mobile that nobody has proven is a note in the account and no more (docs/adr/0011): it is not held, so that whoever
has it can register it; nobody logs in by it; and nothing goes there by SMS.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from services.identity.accounts.models.citizen import Citizen, SealedPerson
from shared.events import CitizenMobileProven, CitizenMobileUnproven, CitizenRegistered

SILENT_AFTER = timedelta(days=365)
"""Operators give unused numbers to other people; after a year without proof, the mobile may be one of these."""


def is_silent(citizen: Citizen, now: datetime) -> bool:
    """Whether nobody has proven the mobile for a year, so that it may be somebody else's by now."""
    proven_at = citizen.mobile_proven_at or citizen.verified_at
    return proven_at is not None and proven_at <= now - SILENT_AFTER


def note_only(citizen: Citizen) -> None:
    """Keep the mobile as a note: nobody has proven it to be this citizen's, or another account holds it."""
    citizen.mobile_unproven, citizen.mobile_index = citizen.mobile_index, f"unproven:{citizen.id}"


def prove(citizen: Citizen, challenge: str, at: datetime) -> None:
    """Open the account: the newest code of this registration was right."""
    [code] = [code for code in citizen.codes if code["challenge"] == challenge]
    if (anew := code.get("anew")) is not None:
        _open_anew(citizen, anew, challenge, at)
        return
    if citizen.verified_at is not None:
        return  # at a counter: a code by SMS has proven the mobile once more
    citizen.verify(at)
    held = citizen.mobile_unproven is not None
    if code.get("channel") == "email":
        if not held:
            note_only(citizen)
        citizen.emit(CitizenMobileUnproven(mobile=citizen.mobile if code["sms"] else None, held=held or None), at)
    elif held:  # at a counter: a clerk saw the identity card; another account holds the phone that got the code
        citizen.mobile_unproven, citizen.mobile_index = None, f"shared:{citizen.id}"


def prove_mobile(citizen: Citizen, mobile: str, index: str, at: datetime) -> None:
    """Hold this mobile in place of one that was never proven, and that therefore gets no code to undo it."""
    citizen.codes = [code for code in citizen.codes if code["purpose"] == "contact"]
    citizen.reset = None
    citizen.mobile, citizen.mobile_index, citizen.mobile_unproven = mobile, index, None
    citizen.mobile_proven_at = at
    citizen.emit(CitizenMobileProven(mobile=mobile), at)


def yields_to(citizen: Citizen, cnic_index: str, mobile_index: str) -> bool:
    """Whether a registration with this CNIC and mobile may take over the account by proving its unproven mobile."""
    opened = citizen.verified_at is not None
    return opened and (citizen.cnic_index, citizen.mobile_unproven) == (cnic_index, mobile_index)


def has_both(citizen: Citizen, cnic_index: str, mobile_index: str) -> bool:
    """Whether this is the account with that CNIC, which has proven that mobile."""
    return citizen.mobile_proven and (citizen.cnic_index, citizen.mobile_index) == (cnic_index, mobile_index)


def registration_anew(person: SealedPerson, password: str) -> dict[str, Any]:
    """A registration as it waits in the code that proves it."""
    return {"person": asdict(person), "password": password}


def _open_anew(citizen: Citizen, anew: dict[str, Any], registration: str, at: datetime) -> None:
    """Give the account to the person who has the mobile, with the details, email and password of their registration."""
    person = SealedPerson(**anew["person"])
    for told in ("name", "email", "address", "language"):
        setattr(citizen, told, getattr(person, told))
    citizen.password, citizen.registration = anew["password"], registration
    citizen.codes, citizen.reset = [], None
    citizen.ending = {"keep": None, "how": "anew"}
    said = CitizenRegistered(name=person.name, mobile=person.mobile, email=person.email, language=person.language)
    citizen.emit(said, at)
    citizen.checked("unverified", at)
    prove_mobile(citizen, person.mobile, person.mobile_index, at)
