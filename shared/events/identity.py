"""What identity says: accounts and their codes."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from shared.clock import Moment
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
    """The citizen answered the code of the registration: the account may be used."""

    type = "citizen.verified.v1"
    source = "identity"


class CitizenMobileUnproven(Event):
    """The code of the registration went by email: the mobile is not proven, and whoever has it is to know."""

    type = "citizen.mobile_unproven.v1"
    source = "identity"
    mobile: Sealed | None = Field(None, description="absent where the number has had all its SMS of a day")
    held: bool | None = Field(None, description="another account has proven this mobile and keeps it")


class CitizenMobileProven(Event):
    """The citizen proved a mobile with a code, where none was proven before."""

    type = "citizen.mobile_proven.v1"
    source = "identity"
    mobile: Sealed


class CitizenCodeIssued(Event):
    """A one-time code is to reach the citizen before it expires: on the mobile of the account, or as it says."""

    type = "citizen.code_issued.v1"
    source = "identity"
    purpose: Literal["register", "login", "reset", "contact"]
    code: Sealed
    expires_at: Moment
    channel: Literal["sms", "email"] = "sms"
    to: Sealed | None = None
    counter: bool | None = Field(None, description="the citizen reads it out to the clerk who opens the account")


class CitizenRegistrationRepeated(Event):
    """Somebody tried to register a CNIC or mobile that has an account; its owner is to know."""

    type = "citizen.registration_repeated.v1"
    source = "identity"
    unproven: bool | None = Field(None, description="the account still waits for its code, so nobody can log in yet")
    anew: bool | None = Field(None, description="with CNIC and mobile of the account, which never proved the mobile")


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
    old_email: Sealed | None = Field(None, description="the email before, when it was changed; it is told too")
    language: Literal["en", "ur"] | None = None


class CitizenMobileChanged(Event):
    """The citizen has another mobile, proven by a code; the old one is told how to undo that."""

    type = "citizen.mobile_changed.v1"
    source = "identity"
    mobile: Sealed
    old_mobile: Sealed
    undo: Sealed
    undo_until: Moment


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


class CitizenDeviceSeen(Event):
    """The citizen signed in on a new device with a code sent by `channel`; the other channel is told."""

    type = "citizen.device_seen.v1"
    source = "identity"
    channel: Literal["sms", "email"]


ERASURE_WINDOW = timedelta(minutes=15)
"""After an erasure, how long consumers look for new data of the citizen: longer than an access token lives."""


class CitizenErased(Event):
    """The account was closed for good: whoever keeps something of this citizen erases it."""

    type = "citizen.erased.v1"
    source = "identity"


class StaffChanged(Event):
    """A member of staff has another role or department, or may log in, or not any more; the subject is the account."""

    type = "staff.changed.v1"
    source = "identity"
    role: Literal["officer", "head", "appellate", "clerk", "admin", "auditor"]
    department: str | None = Field(None, description="the code; none for roles that belong to no department")
    active: bool = Field(description="whether they may log in: not disabled, and of an administrator confirmed")


class StaffNamed(Event):
    """Somebody works at a department, and is called so by those who work there; the subject is their account."""

    type = "staff.named.v1"
    source = "identity"
    name: Sealed
