"""What identity asks of a registry of identities (NADRA's, say), and how it may fail."""

from typing import Literal, Protocol

Verdict = Literal["confirmed", "mismatch"]


class RegistryAwayError(Exception):
    """It did not answer, not in time, or not in words we know: nothing is known, and asking later is right."""


class RegistryRestingError(RegistryAwayError):
    """It failed too often and is left alone for a while: nobody was asked."""

    def __init__(self) -> None:
        super().__init__("resting")


class IdentityRegistry(Protocol):
    """Whether a CNIC and a name belong together."""

    async def ask(self, cnic: str, name: str) -> Verdict:
        """The verdict. Raises RegistryAwayError."""

    async def close(self) -> None:
        """Give connections back."""
