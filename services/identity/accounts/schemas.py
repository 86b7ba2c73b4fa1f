"""What the answers hold that use cases make themselves; the others are models beside their routes.

`examples.yaml` has an example of each, by the name of its type.
"""

from typing import Any

from typing_extensions import TypedDict

from shared.clock import Moment, TimeText


class Look(TypedDict):
    """A look at something that one filed: whose, at what, and when."""

    at: TimeText | None
    what: str
    request: str | None
    role: str
    department: str | None
    listed: bool
    """As a line of a list, with its place and first words; all of a day are one."""


class Looks(TypedDict):
    """A page of looks, newest first; `next` is the cursor of the one after."""

    accesses: list[Look]
    next: str | None


class Account(TypedDict):
    """Everything that an account holds, opened."""

    id: str
    name: str
    cnic: str
    cnic_masked_until: Moment | None
    """The whole CNIC is shown from then on: the password was reset by a code less than a day before."""
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
    """That a code was sent, and whether it arrived."""

    at: Moment
    delivered_at: Moment | None


class KeptSession(TypedDict):
    """A session."""

    opened_at: Moment | None
    used_at: Moment | None
    device: str


class KeptDevice(TypedDict):
    """A device that is known."""

    name: str
    made_at: Moment
    used_at: Moment


class ExportedAccount(TypedDict):
    """Everything that is kept of oneself here; `elsewhere` names the addresses of the rest."""

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
    """Sessions that were ended and whose access tokens still run, by the start of their digest."""

    ended: list[str]


class Discovery(TypedDict):
    """Where to find what (OpenID Connect Discovery 1.0, RFC 8414)."""

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
