"""Signing keys: by age, which one signs and which are published."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

SETTLE = timedelta(minutes=2)
"""A new key is published this long before it signs, so that every replica knows it by then."""
RETIRED_AFTER = timedelta(hours=24)


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key pair: public as a JWK, private as a sealed JWK."""

    kid: str
    public: dict[str, Any]
    sealed: str
    made_at: datetime


def signing(keys: Sequence[SigningKey], now: datetime) -> SigningKey:
    """The newest key (they are sorted newest first) that all replicas know; else the only one."""
    return next((key for key in keys if key.made_at <= now - SETTLE), keys[-1])


def published(keys: Sequence[SigningKey], now: datetime) -> list[SigningKey]:
    """The newest key, and the one before it until it is retired."""
    return [*keys[:1], *(key for key in keys[1:2] if keys[0].made_at > now - RETIRED_AFTER)]
