"""The port to a registry of identities, such as NADRA's."""

from typing import Literal, Protocol

Verdict = Literal["confirmed", "mismatch"]


class RegistryAwayError(Exception):
    """It did not answer in time or in a known form: the result is unknown; ask again later."""


class RegistryRestingError(RegistryAwayError):
    """The circuit breaker is open after too many failures: the registry was not called."""

    def __init__(self) -> None:
        super().__init__("resting")


class IdentityRegistry(Protocol):
    """Whether a CNIC and a name belong together."""

    async def ask(self, cnic: str, name: str) -> Verdict:
        """The verdict. Raises RegistryAwayError."""

    async def close(self) -> None:
        """Close the connections."""
