"""Which signing key is used and which are published, by their age."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SETTLE = timedelta(minutes=2)
"""A new key is published this long before it signs, so that every replica publishes it by then."""
RETIRED_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key pair: public as a JWK, private as a sealed JWK."""

    kid: str
    public: dict[str, Any]
    sealed: str
    made_at: datetime


def signing(keys: Sequence[SigningKey], now: datetime) -> SigningKey:
    """The newest key (they come newest first) that everybody has had time to see; the only one otherwise."""
    return next((key for key in keys if key.made_at <= now - SETTLE), keys[-1])


def published(keys: Sequence[SigningKey], now: datetime) -> list[SigningKey]:
    """The current key and the one before it, until that is retired."""
    return [*keys[:1], *(key for key in keys[1:2] if keys[0].made_at > now - RETIRED_AFTER)]
