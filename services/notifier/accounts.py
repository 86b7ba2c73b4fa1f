"""What each event of an account asks for as a message: codes, and whatever its owner is to hear of."""

from services.notifier.models import EMAIL, SMS, Day, Hour, Named, Sealed, Values, Wanted
from shared.envelope import Envelope
from shared.events import (
    CitizenCodeIssued,
    CitizenCorrected,
    CitizenDeviceSeen,
    CitizenMobileChanged,
    CitizenMobileProven,
    CitizenMobileRestored,
    CitizenMobileUnproven,
    CitizenPasswordChanged,
    CitizenRegistrationRepeated,
)
from shared.seal import SealPurpose


def code_issued(event: CitizenCodeIssued, envelope: Envelope) -> Wanted:
    """The code itself, of use until it expires."""
    values: Values = {
        "code": Sealed(event.code, SealPurpose.CITIZEN_CODE, envelope.subject, free=False),
        "purpose": Named(f"purpose.{event.purpose}"),
        "time": Hour(event.expires_at),
        "caution": Named("caution.counter" if event.counter else "caution.nobody"),
    }
    return Wanted(envelope.subject, "citizen.code_issued", values, event.expires_at, event.channel, event.to)


def registration_repeated(event: CitizenRegistrationRepeated, envelope: Envelope) -> Wanted:
    """The owner of the account hears that somebody tried, and what to do if it was the owner."""
    which = ".unproven" if event.unproven else ".anew" if event.anew else ""
    return Wanted(envelope.subject, f"citizen.registration_repeated{which}", {})


def mobile_unproven(event: CitizenMobileUnproven, envelope: Envelope) -> Wanted:
    """Tell the phone that somebody gave its number; without a number in the event, tell the citizen what to do."""
    if event.mobile is None:
        return Wanted(envelope.subject, "citizen.mobile_unproven.own", {}, channel=EMAIL)
    held = ".held" if event.held else ""
    return Wanted(envelope.subject, f"citizen.mobile_unproven{held}", {}, to=event.mobile)


def mobile_proven(_: CitizenMobileProven, envelope: Envelope) -> Wanted:
    """The mailbox by which the account was opened hears of it."""
    return Wanted(envelope.subject, "citizen.mobile_proven", {}, channel=EMAIL)


def mobile_changed(event: CitizenMobileChanged, envelope: Envelope) -> Wanted:
    """The old mobile and the mailbox hear of it, with the code that undoes it."""
    values: Values = {
        "undo": Sealed(event.undo, SealPurpose.CITIZEN_UNDO, envelope.subject, free=False),
        "day": Day(event.undo_until),
        "time": Hour(event.undo_until),
    }
    return Wanted(envelope.subject, "citizen.mobile_changed", values, event.undo_until, to=event.old_mobile)


def mobile_restored(_: CitizenMobileRestored, envelope: Envelope) -> Wanted:
    """The owner hears that the old mobile is back."""
    return Wanted(envelope.subject, "citizen.mobile_restored", {})


def details_corrected(event: CitizenCorrected, envelope: Envelope) -> Wanted:
    """Tell the owner that details were changed; a change of the email is also told at the old one."""
    return Wanted(envelope.subject, "citizen.corrected", {}, email=event.old_email)


def device_seen(event: CitizenDeviceSeen, envelope: Envelope) -> Wanted:
    """Tell the owner of a new device, by the channel that its code did not take: a thief may have the other one."""
    return Wanted(envelope.subject, "citizen.device_seen", {}, channel=SMS if event.channel == EMAIL else EMAIL)


def password_changed(event: CitizenPasswordChanged, envelope: Envelope) -> Wanted:
    """The owner hears that the password is another one."""
    return Wanted(envelope.subject, f"citizen.password_{event.how}", {})
