"""A receipt: what is signed when a request is filed, and which key signs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.requests.request.models.chain import head
from services.requests.request.models.request import Request
from shared.paging import time_text
from shared.proof.signatures import FIRST_ENTRIES

SETTLE = timedelta(minutes=2)
"""A new key is published this long before it signs, so that every replica knows it by then."""


@dataclass(frozen=True)
class ReceiptKey:
    """An Ed25519 key pair: public as a JWK, kept for ever; private as a sealed JWK, empty once it was destroyed.

    `mark` is made of the public half with the index key: who has only the database cannot add a key of their own.
    """

    kid: str
    public: dict[str, Any]
    sealed: str
    made_at: datetime
    mark: str = ""


def signing_key(keys: Sequence[ReceiptKey], at: datetime) -> ReceiptKey:
    """The key (they come newest first) that was in force at that time; the oldest that can still sign if none was.

    A receipt that is asked for again is thereby the same one, byte for byte, for as long as its key can sign.
    """
    able = [key for key in keys if key.sealed]
    return next((key for key in able if key.made_at <= at - SETTLE), able[-1])


def claims(request: Request, issuer: str) -> dict[str, Any]:
    """What a receipt says: that this body was received then, and how its history began. Nothing personal."""
    return {
        "iss": issuer,
        "number": request.id,
        "service": request.service,
        "version": request.history[0].get("version", request.service_version),
        "kind": request.kind,
        "submitted_at": time_text(request.submitted_at),
        "body": request.body_hash,
        "history": head(request.history[:FIRST_ENTRIES]),
    }
