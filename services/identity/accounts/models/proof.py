"""What codes prove: by SMS the mobile, for a year; by email only the mailbox.

An unproven mobile is only a note in the account (docs/adr/0011): another person can register it, it cannot be used to
log in, and no SMS goes there.
"""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from services.identity.accounts.models.citizen import Citizen, SealedPerson
from shared.events import CitizenMobileProven, CitizenMobileUnproven, CitizenRegistered

SILENT_AFTER = timedelta(days=365)
"""Operators give unused numbers to other people; after a year without proof the mobile may be somebody else's."""


def is_silent(citizen: Citizen, now: datetime) -> bool:
    """Whether the mobile was not proven for a year, so that it may be somebody else's."""
    proven_at = citizen.mobile_proven_at or citizen.verified_at
    return proven_at is not None and proven_at <= now - SILENT_AFTER


def note_only(citizen: Citizen) -> None:
    """Keep the mobile as a note only: it is unproven, or another account holds it."""
    citizen.mobile_unproven, citizen.mobile_index = citizen.mobile_index, f"unproven:{citizen.id}"


def prove(citizen: Citizen, challenge: str, at: datetime) -> None:
    """Open the account after the code of its registration was answered."""
    [code] = [code for code in citizen.codes if code["challenge"] == challenge]
    if (anew := code.get("anew")) is not None:
        _open_anew(citizen, anew, challenge, at)
        return
    if citizen.verified_at is not None:
        return  # at a counter: a code by SMS has proven the mobile again
    citizen.verify(at)
    held = citizen.mobile_unproven is not None
    if code.get("channel") == "email":
        if not held:
            note_only(citizen)
        citizen.emit(CitizenMobileUnproven(mobile=citizen.mobile if code["sms"] else None, held=held or None), at)
    elif held:  # at a counter: a clerk saw the identity card; another account holds the phone that got the code
        citizen.mobile_unproven, citizen.mobile_index = None, f"shared:{citizen.id}"


def prove_mobile(citizen: Citizen, mobile: str, index: str, at: datetime) -> None:
    """Put a proven mobile in place of an unproven one, which gets no code to undo the change."""
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
    """Whether this account has that CNIC and has proven that mobile."""
    return citizen.mobile_proven and (citizen.cnic_index, citizen.mobile_index) == (cnic_index, mobile_index)


def registration_anew(person: SealedPerson, password: str) -> dict[str, Any]:
    """A registration as stored with the code that will prove it."""
    return {"person": asdict(person), "password": password}


def _open_anew(citizen: Citizen, anew: dict[str, Any], registration: str, at: datetime) -> None:
    """Give the account to the person who proved the mobile, with the details and password of their registration."""
    person = SealedPerson(**anew["person"])
    for name in ("name", "email", "address", "language"):
        setattr(citizen, name, getattr(person, name))
    citizen.password, citizen.registration = anew["password"], registration
    citizen.codes, citizen.reset = [], None
    citizen.ending = {"keep": None, "how": "anew"}
    event = CitizenRegistered(name=person.name, mobile=person.mobile, email=person.email, language=person.language)
    citizen.emit(event, at)
    citizen.checked("unverified", at)
    prove_mobile(citizen, person.mobile, person.mobile_index, at)
