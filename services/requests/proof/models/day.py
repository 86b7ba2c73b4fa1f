"""A day of the public record: which histories grew on it, and the root over them and over the day before."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from shared.proof.roots import Leaf, root_hash

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
