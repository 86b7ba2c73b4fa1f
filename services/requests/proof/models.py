"""Receipts, the keys that sign them, and closed days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from services.requests.request.models.chain import head
from services.requests.request.models.request import Request
from shared.paging import time_text
from shared.proof.roots import Leaf, root_hash
from shared.proof.signatures import FIRST_ENTRIES

SETTLE = timedelta(minutes=2)
"""A new key is published this long before it signs, so that every replica knows it by then."""


@dataclass(frozen=True)
class ReceiptKey:
    """An Ed25519 key pair: public as a JWK, kept for ever; private as a sealed JWK, empty once it was destroyed.

    `mark` is a keyed hash of the public half: with the database alone nobody can add a key of their own.
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


ONE = timedelta(days=1)
LATE = timedelta(hours=1)
"""A write that was decided before midnight and was stored later is looked for by the next day, this far back."""


@dataclass(frozen=True)
class DayRoot:
    """One closed day. `tree` is over its leaves, `root` over the day, its tree and the root before."""

    date: str
    count: int
    tree: str
    previous: str | None
    signature: str
    tiles: str
    """Which set of stored tiles the tree was built from."""
    closed_at: datetime

    @property
    def root(self) -> str:
        """What is published."""
        return root_hash(self.shown())

    def shown(self) -> dict[str, Any]:
        """What the root is made of."""
        return {"date": self.date, "count": self.count, "tree": self.tree, "previous": self.previous}


def bounds(day: str) -> tuple[datetime, datetime]:
    """Where a day (UTC) begins and ends."""
    start = datetime.combine(date.fromisoformat(day), time(), UTC)
    return start, start + ONE


def next_day(day: str) -> str:
    """The day after."""
    return (date.fromisoformat(day) + ONE).isoformat()


def newest_over(now: datetime, after: timedelta) -> str:
    """The newest day that is over, and has been for so long."""
    return ((now - after).date() - ONE).isoformat()


def days_to_look_in(moments: Iterable[datetime]) -> list[str]:
    """The days whose trees may hold a history with steps at these moments."""
    days = {moment.astimezone(UTC).date() for moment in moments}
    return sorted({found.isoformat() for day in days for found in (day, day + ONE)})


def leaf_at(number: str, history: Sequence[Mapping[str, Any]], end: datetime) -> tuple[Leaf, datetime] | None:
    """How far a history went at a time, and when its last step until then was noted; None if it began later."""
    count = 0
    for entry in history:
        noted_at = entry.get("noted_at")
        if not isinstance(noted_at, datetime) or noted_at >= end:
            break
        count += 1
    if not count:
        return None
    last = history[count - 1]
    return Leaf(number, count, str(last.get("hash", ""))), last["noted_at"]
