"""What the code of a registration proves: by SMS the mobile, by email only that somebody reads what was given.

A mobile that nobody has proven is a note in the account and no more (docs/adr/0011): it is not held, so that whoever
has it can register it; nobody logs in by it; and nothing goes there by SMS.
"""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from services.identity.models.citizen import Citizen, Person
from shared.events import CitizenMobileProven, CitizenMobileUnproven, CitizenRegistered


def prove(citizen: Citizen, challenge: str, at: datetime) -> None:
    """The newest code of this registration was right."""
    [code] = [code for code in citizen.codes if code["challenge"] == challenge]
    if (anew := code.get("anew")) is not None:
        _open_anew(citizen, anew, challenge, at)
        return
    citizen.verify(at)
    if code.get("channel") == "email":
        citizen.mobile_unproven, citizen.mobile_index = citizen.mobile_index, f"unproven:{citizen.id}"
        citizen.emit(CitizenMobileUnproven(mobile=citizen.mobile if code["sms"] else None), at)


def prove_mobile(citizen: Citizen, mobile: str, index: str, at: datetime) -> None:
    """Hold this mobile from now on, in place of one that was never proven: nobody there undoes anything."""
    citizen.codes = [code for code in citizen.codes if code["purpose"] == "contact"]
    citizen.reset = None
    citizen.mobile, citizen.mobile_index, citizen.mobile_unproven = mobile, index, None
    citizen.emit(CitizenMobileProven(mobile=mobile), at)


def yields_to(citizen: Citizen, cnic_index: str, mobile_index: str) -> bool:
    """Whether a registration with these gets the account by proving its mobile, which nobody has done yet."""
    return (citizen.cnic_index, citizen.mobile_unproven) == (cnic_index, mobile_index)


def registration_anew(person: Person, password: str) -> dict[str, Any]:
    """A registration as it waits in the code that proves it."""
    return {"person": asdict(person), "password": password}


def _open_anew(citizen: Citizen, anew: dict[str, Any], registration: str, at: datetime) -> None:
    """The account is of whoever has the mobile: with the details, email and password of the later registration."""
    person = Person(**anew["person"])
    for told in ("name", "email", "address", "language"):
        setattr(citizen, told, getattr(person, told))
    citizen.password, citizen.registration = anew["password"], registration
    citizen.codes, citizen.reset = [], None
    citizen.ending = {"keep": None, "how": "anew"}
    said = CitizenRegistered(name=person.name, mobile=person.mobile, email=person.email, language=person.language)
    citizen.emit(said, at)
    citizen.checked("unverified", at)
    prove_mobile(citizen, person.mobile, person.mobile_index, at)
