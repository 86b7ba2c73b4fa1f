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
    """An Ed25519 key pair: the public JWK is kept for ever; the private one is sealed, and empty once destroyed.

    `mark` is a keyed hash of the public half, so that nobody can add a key with access to the database alone.
    """

    kid: str
    public: dict[str, Any]
    sealed: str
    made_at: datetime
    mark: str = ""


def signing_key(keys: Sequence[ReceiptKey], at: datetime) -> ReceiptKey:
    """The key (they are sorted newest first) in use at that time, or else the oldest that can still sign.

    So a receipt is the same, byte for byte, as long as its key can sign.
    """
    able = [key for key in keys if key.sealed]
    return next((key for key in able if key.made_at <= at - SETTLE), able[-1])


def claims(request: Request, issuer: str) -> dict[str, Any]:
    """The claims of a receipt: what was received and when, and the start of the history. No personal data."""
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
"""A step from before midnight that was stored after it belongs to the next day, if it is no older than this."""


@dataclass(frozen=True)
class DayRoot:
    """One closed day. `tree` covers its leaves; `root` covers date, tree and the previous root."""

    date: str
    count: int
    tree: str
    previous: str | None
    signature: str
    tiles: str
    """The set of stored tiles from which the tree was built."""
    closed_at: datetime

    @property
    def root(self) -> str:
        """The published root."""
        return root_hash(self.covered())

    def covered(self) -> dict[str, Any]:
        """The fields that the root covers."""
        return {"date": self.date, "count": self.count, "tree": self.tree, "previous": self.previous}


def bounds(day: str) -> tuple[datetime, datetime]:
    """Start and end of a day (UTC)."""
    start = datetime.combine(date.fromisoformat(day), time(), UTC)
    return start, start + ONE


def next_day(day: str) -> str:
    """The day after."""
    return (date.fromisoformat(day) + ONE).isoformat()


def newest_over(now: datetime, after: timedelta) -> str:
    """The newest day that ended at least `after` ago."""
    return ((now - after).date() - ONE).isoformat()


def days_to_look_in(moments: Iterable[datetime]) -> list[str]:
    """The days whose trees may hold a history with steps at these moments."""
    days = {moment.astimezone(UTC).date() for moment in moments}
    return sorted({found.isoformat() for day in days for found in (day, day + ONE)})


def leaf_at(number: str, history: Sequence[Mapping[str, Any]], end: datetime) -> tuple[Leaf, datetime] | None:
    """The leaf of a history at a time, with the time of its last step; None if the history began later."""
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
