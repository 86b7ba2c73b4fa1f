"""Types of answers that use cases make; the other types are models beside their routes.

`examples.yaml` has an example of each, by the name of its type.
"""

from typing import Any

from typing_extensions import TypedDict

from shared.clock import Moment, TimeText


class Look(TypedDict):
    """An access of a member of staff to the citizen's data: role, department, object and time."""

    at: TimeText | None
    what: str
    request: str | None
    role: str
    department: str | None
    listed: bool
    """The request was only listed, with place and first words; one entry a day."""


class Looks(TypedDict):
    """A page of accesses, newest first; `next` is the cursor of the following page."""

    accesses: list[Look]
    next: str | None


class Account(TypedDict):
    """All data of an account."""

    id: str
    name: str
    cnic: str
    cnic_masked_until: Moment | None
    """When the full CNIC is shown again; set for a day after a password reset."""
    mobile: str
    mobile_proven: bool
    email: str
    address: str
    language: str
    registered_at: Moment | None
    verified_at: Moment | None
    identity: str
    mobile_change_can_be_undone_until: Moment | None


class SentCode(TypedDict):
    """A code that was sent, and when it arrived."""

    at: Moment
    delivered_at: Moment | None


class KeptSession(TypedDict):
    """A session."""

    opened_at: Moment | None
    used_at: Moment | None
    device: str


class KeptDevice(TypedDict):
    """A known device."""

    name: str
    made_at: Moment
    used_at: Moment


class ExportedAccount(TypedDict):
    """Everything that this service keeps about the caller; `elsewhere` lists the other exports."""

    exported_at: Moment
    account: Account
    codes_sent: list[SentCode]
    sessions: list[KeptSession]
    devices: list[KeptDevice]
    accesses: list[Look]
    attempts_to_register_again: int
    elsewhere: list[str]


class TokenKeys(TypedDict):
    """Public keys as a JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


class Ended(TypedDict):
    """Ended sessions whose access tokens have not expired, by the start of their digest."""

    ended: list[str]


class Discovery(TypedDict):
    """A discovery document (OpenID Connect Discovery 1.0, RFC 8414)."""

    issuer: str
    jwks_uri: str
    token_endpoint: str
    token_endpoint_auth_methods_supported: list[str]
    grant_types_supported: list[str]
    response_types_supported: list[str]
    subject_types_supported: list[str]
    id_token_signing_alg_values_supported: list[str]


class Granted(TypedDict):
    """An access token (RFC 6749, section 5.1)."""

    access_token: str
    token_type: str
    expires_in: int
