"""Events of identity: accounts and their codes."""

from datetime import timedelta
from typing import Literal

from pydantic import Field

from shared.clock import Moment
from shared.events.contract import Channel, Event, Sealed


class CitizenRegistered(Event):
    """An account was registered; its mobile is not proven yet."""

    type = "citizen.registered.v1"
    name: Sealed
    mobile: Sealed
    email: Sealed
    language: Literal["en", "ur"] = "en"


class CitizenVerified(Event):
    """The citizen entered the code of the registration: the account is active."""

    type = "citizen.verified.v1"


class CitizenMobileUnproven(Event):
    """The code of the registration was sent by email; the owner of the unproven mobile gets a message."""

    type = "citizen.mobile_unproven.v1"
    mobile: Sealed | None = Field(None, description="absent where the number has reached its daily limit of SMS")
    held: bool | None = Field(None, description="another account has proven this mobile and keeps it")


class CitizenMobileProven(Event):
    """The citizen proved a mobile with a code, where none was proven before."""

    type = "citizen.mobile_proven.v1"
    mobile: Sealed


class CitizenCodeIssued(Event):
    """A one-time code to be delivered before it expires: to the account's mobile, or by `channel` and `to`."""

    type = "citizen.code_issued.v1"
    purpose: Literal["register", "login", "reset", "contact"]
    code: Sealed
    expires_at: Moment
    channel: Channel = "sms"
    to: Sealed | None = None
    counter: bool | None = Field(None, description="the citizen tells the code to the clerk who registers the account")


class CitizenRegistrationRepeated(Event):
    """A CNIC or mobile that has an account was registered again; the owner of the account gets a message."""

    type = "citizen.registration_repeated.v1"
    unproven: bool | None = Field(None, description="the account is not active yet, as its code was not entered")
    anew: bool | None = Field(None, description="with the same CNIC and mobile, for an account with an unproven mobile")


class CitizenIdentityChecked(Event):
    """The result of the identity registry's check of CNIC and name; a changed name is unverified again."""

    type = "citizen.identity_checked.v1"
    identity: Literal["unverified", "confirmed", "mismatch"]


class CitizenCorrected(Event):
    """The citizen corrected personal data; absent fields have not changed."""

    type = "citizen.corrected.v1"
    name: Sealed | None = None
    email: Sealed | None = None
    old_email: Sealed | None = Field(None, description="the earlier email where it was changed; it gets a message too")
    language: Literal["en", "ur"] | None = None


class CitizenMobileChanged(Event):
    """The citizen changed the mobile, proven by a code; the old mobile gets a code to undo the change."""

    type = "citizen.mobile_changed.v1"
    mobile: Sealed
    old_mobile: Sealed
    undo: Sealed
    undo_until: Moment


class CitizenMobileRestored(Event):
    """The change was undone with the code sent to the old mobile; the password has to be reset."""

    type = "citizen.mobile_restored.v1"
    mobile: Sealed


class CitizenPasswordChanged(Event):
    """The password was changed by its owner or reset by a code; the owner gets a message."""

    type = "citizen.password_changed.v1"
    how: Literal["changed", "reset"]


class CitizenDeviceSeen(Event):
    """The citizen logged in on a new device with a code sent by `channel`; the other channel gets a message."""

    type = "citizen.device_seen.v1"
    channel: Channel


ERASURE_WINDOW = timedelta(minutes=15)
"""After an erasure, how long consumers look for new data of the citizen: longer than an access token lives."""


class CitizenErased(Event):
    """The account was closed: every consumer erases its data of this citizen."""

    type = "citizen.erased.v1"


class StaffChanged(Event):
    """The role, department or status of a member of staff changed; the subject is the account."""

    type = "staff.changed.v1"
    role: Literal["officer", "head", "appellate", "clerk", "admin", "auditor"]
    department: str | None = Field(None, description="the code; none for roles that belong to no department")
    active: bool = Field(description="may log in: not disabled, and confirmed where an administrator")


class StaffNamed(Event):
    """The name of a member of a department, for their colleagues; the subject is the account."""

    type = "staff.named.v1"
    name: Sealed
