"""What identity says: accounts and their codes."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from shared.events.contract import Event, Sealed


class CitizenRegistered(Event):
    """Somebody opened an account; the mobile is not proven yet."""

    type = "citizen.registered.v1"
    source = "identity"
    name: Sealed
    mobile: Sealed
    email: Sealed
    language: Literal["en", "ur"] = "en"


class CitizenVerified(Event):
    """The citizen proved the mobile with a code."""

    type = "citizen.verified.v1"
    source = "identity"


class CitizenCodeIssued(Event):
    """A one-time code is to reach the citizen before it expires: on the mobile of the account, or as it says."""

    type = "citizen.code_issued.v1"
    source = "identity"
    purpose: Literal["register", "login", "reset", "contact"]
    code: Sealed
    expires_at: datetime
    channel: Literal["sms", "email"] = "sms"
    to: Sealed | None = None
    counter: bool | None = Field(None, description="the citizen reads it out to the clerk who opens the account")


class CitizenRegistrationRepeated(Event):
    """Somebody tried to register a CNIC or mobile that has an account; its owner is to know."""

    type = "citizen.registration_repeated.v1"
    source = "identity"
    unproven: bool | None = Field(None, description="the account still waits for its code, so nobody can log in yet")


class CitizenIdentityChecked(Event):
    """What the registry of identities says of CNIC and name; a changed name is unverified again."""

    type = "citizen.identity_checked.v1"
    source = "identity"
    identity: Literal["unverified", "confirmed", "mismatch"]


class CitizenCorrected(Event):
    """The citizen mended what is kept; what is not given has not changed."""

    type = "citizen.corrected.v1"
    source = "identity"
    name: Sealed | None = None
    email: Sealed | None = None
    language: Literal["en", "ur"] | None = None


class CitizenMobileChanged(Event):
    """The citizen has another mobile, proven by a code; the old one is told how to undo that."""

    type = "citizen.mobile_changed.v1"
    source = "identity"
    mobile: Sealed
    old_mobile: Sealed
    undo: Sealed
    undo_until: datetime


class CitizenMobileRestored(Event):
    """The change was undone from the old mobile; the password is to be reset."""

    type = "citizen.mobile_restored.v1"
    source = "identity"
    mobile: Sealed


class CitizenPasswordChanged(Event):
    """The password is another one, changed by its owner or reset by a code; the owner is to know."""

    type = "citizen.password_changed.v1"
    source = "identity"
    how: Literal["changed", "reset"]


class CitizenErased(Event):
    """The account was closed for good: whoever keeps something of this citizen erases it."""

    type = "citizen.erased.v1"
    source = "identity"
