"""A service that has never read identity's keys refuses every token, with a 503."""

import pytest

from shared.auth import Authenticator
from shared.errors import UnauthenticatedError, UnavailableError


def alone() -> Authenticator:
    """Where nobody answers."""
    return Authenticator("http://127.0.0.1:1/.well-known/jwks.json", "http://localhost")


async def test_without_keys_no_token_is_accepted() -> None:
    for token in ("e30.e30.e30", "a.b.c", "x"):
        with pytest.raises(UnavailableError) as refused:
            await alone().principal(f"Bearer {token}")
        assert int(refused.value.headers["Retry-After"]) > 0


async def test_without_a_token_nothing_is_asked() -> None:
    with pytest.raises(UnauthenticatedError):
        await alone().principal(None)
