"""A caller who has not signed in."""

from dataclasses import dataclass, field

CHALLENGE = {"WWW-Authenticate": 'Bearer realm="rabta"'}
"""The header of each 401 (RFC 9110, section 11.6.1)."""


@dataclass(frozen=True)
class Caller:
    """`address` is a blind index of the client's address; attempts are counted by it, and it proves nothing.

    `program` is the family of browser and system, `device` the token of a known device.
    """

    address: str = "-"
    program: str = ""
    device: str | None = field(default=None, repr=False)
