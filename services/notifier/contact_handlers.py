"""What each event of the citizen stream changes in the contact of its citizen."""

from collections.abc import Callable
from datetime import timedelta

from services.notifier.models import EMAIL, SMS, Contact
from shared.clock import utc_now
from shared.envelope import Envelope
from shared.events import (
    CitizenCodeIssued,
    CitizenCorrected,
    CitizenDeviceSeen,
    CitizenErased,
    CitizenIdentityChecked,
    CitizenMobileChanged,
    CitizenMobileProven,
    CitizenMobileRestored,
    CitizenMobileUnproven,
    CitizenPasswordChanged,
    CitizenRegistered,
    CitizenRegistrationRepeated,
    CitizenVerified,
    Event,
)
from shared.seal import KeyRing, SealPurpose

ERASING = timedelta(minutes=15)
"""How long messages to an erased citizen are looked for: another replica may still be writing one."""


def registered(keys: KeyRing) -> Callable[[Contact, Event, Envelope], None]:
    """How a registration fills the contact in."""

    def apply(contact: Contact, event: Event, _: Envelope) -> None:
        assert isinstance(event, CitizenRegistered)
        contact.name, contact.mobile, contact.email = event.name, event.mobile, event.email
        contact.language = event.language
        contact.mobile_index = mobile_index(
            keys, keys.unseal(event.mobile, SealPurpose.CITIZEN_MOBILE, owner=contact.id)
        )

    return apply


def verified(contact: Contact, _: Event, __: Envelope) -> None:
    """The account may be used."""
    contact.verified = True


def unproven(contact: Contact, _: Event, __: Envelope) -> None:
    """Nobody has proven the mobile: messages go by email."""
    contact.mobile_unproven = True


def corrected(contact: Contact, event: Event, _: Envelope) -> None:
    """Follow what the citizen mended."""
    assert isinstance(event, CitizenCorrected)
    contact.name, contact.email = event.name or contact.name, event.email or contact.email
    contact.language = event.language or contact.language
    if event.email:
        contact.address_works(EMAIL)


def moved(keys: KeyRing) -> Callable[[Contact, Event, Envelope], None]:
    """How the contact changes to another mobile, and back."""

    def apply(contact: Contact, event: Event, _: Envelope) -> None:
        assert isinstance(event, CitizenMobileChanged | CitizenMobileRestored | CitizenMobileProven)
        contact.mobile, contact.mobile_unproven = event.mobile, False
        contact.address_works(SMS)
        contact.mobile_index = mobile_index(
            keys, keys.unseal(event.mobile, SealPurpose.CITIZEN_MOBILE, owner=contact.id)
        )

    return apply


def erased(contact: Contact, _: Event, __: Envelope) -> None:
    """Forget how to reach the citizen; the sweep empties the messages."""
    contact.erase(utc_now() + ERASING)


def nothing_new(_: Contact, __: Event, ___: Envelope) -> None:
    """Tells nothing of the contact; counted in its sequence only."""


def contact_handlers(keys: KeyRing) -> dict[str, Callable[[Contact, Event, Envelope], None]]:
    """What each event of the citizen stream does to the contact."""
    return {
        CitizenRegistered.type: registered(keys),
        CitizenVerified.type: verified,
        CitizenCodeIssued.type: nothing_new,
        CitizenRegistrationRepeated.type: nothing_new,
        CitizenIdentityChecked.type: nothing_new,
        CitizenCorrected.type: corrected,
        CitizenMobileChanged.type: moved(keys),
        CitizenMobileRestored.type: moved(keys),
        CitizenMobileProven.type: moved(keys),
        CitizenMobileUnproven.type: unproven,
        CitizenPasswordChanged.type: nothing_new,
        CitizenDeviceSeen.type: nothing_new,
        CitizenErased.type: erased,
    }


def mobile_index(keys: KeyRing, mobile: str) -> str:
    """The blind index by which a contact is found by its mobile."""
    return keys.blind(mobile, "notifier.mobile")
