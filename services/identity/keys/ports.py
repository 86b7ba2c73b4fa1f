"""What tokens need of the store of keys."""

from typing import Protocol

from services.identity.keys.models.keys import SigningKey


class SigningKeyStore(Protocol):
    """The signing keys, newest first, at most two."""

    async def all(self) -> list[SigningKey]:
        """The keys; none before the first start."""

    async def add(self, key: SigningKey, newest: str | None) -> None:
        """Put a key in front if the newest is still that one (None: if there is none); else do nothing."""
