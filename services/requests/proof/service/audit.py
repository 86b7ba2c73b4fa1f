"""Finds histories that were tampered with in the database: altered, truncated, moved or deleted.

It checks the chain in each history, its keyed seal, and the closed days. The chain shows alterations; the seal shows
truncated histories and ones rewritten without the key; the days show what was rewritten or deleted with the key after
the day was closed.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.requests.proof.models import DayRoot, next_day
from services.requests.proof.service.receipts import Receipts
from services.requests.proof.store import DayStore
from services.requests.request.models import chain
from shared.proof import merkle
from shared.proof.roots import Leaf
from shared.seal import KeyRing

BATCH = 400


@dataclass(frozen=True)
class TamperFinding:
    """A sign of tampering: the request (or day), and what is wrong."""

    subject: str
    what: str


class HistoryAudit:
    """Checks all requests and all closed days, without writing."""

    def __init__(self, store: DayStore, receipts: Receipts, keys: KeyRing) -> None:
        self._store = store
        self._receipts = receipts
        self._keys = keys
        self.requests = 0
        self.days = 0

    async def run(self, published: Mapping[str, str] | None = None) -> AsyncIterator[TamperFinding]:
        """All findings. `published` are roots by date from a copy kept elsewhere."""
        async for page in self._store.histories():
            for document in page:
                self.requests += 1
                for finding in history_findings(document, self._keys):
                    yield finding
        previous: DayRoot | None = None
        kept = dict(published or {})
        while days := await self._store.between(next_day(previous.date) if previous else "0", BATCH):
            for day in days:
                self.days += 1
                for finding in self._day_findings(day, previous, kept.pop(day.date, day.root)):
                    yield finding
                async for finding in self._leaf_findings(day):
                    yield finding
                previous = day
        for date in sorted(kept):
            yield TamperFinding(date, "was published, but is missing here")

    def _day_findings(self, day: DayRoot, previous: DayRoot | None, published: str) -> Iterator[TamperFinding]:
        begins = day.previous is None if previous is None else day.date == next_day(previous.date)
        if not begins:
            yield TamperFinding(day.date, "the days before it are missing")
        elif previous is not None and day.previous != previous.root:
            yield TamperFinding(day.date, "does not follow the day before")
        if not self._receipts.vouches_for(day.signature, {**day.covered(), "root": day.root}):
            yield TamperFinding(day.date, "root altered or not signed")
        if published != day.root:
            yield TamperFinding(day.date, "its root differs from the published one")

    async def _leaf_findings(self, day: DayRoot) -> AsyncIterator[TamperFinding]:
        """Findings of a day's tree against its leaves, and of its leaves against the histories."""
        roots: list[str] = []
        count = 0
        async for leaves in self._store.leaves_of(day.tiles):
            roots.append(merkle.root_of([leaf.hash for leaf in leaves]))
            count += len(leaves)
            heads = await self._store.hashes_of([leaf.number for leaf in leaves])
            for leaf in leaves:
                if (what := leaf_finding(leaf, heads.get(leaf.number))) is not None:
                    yield TamperFinding(leaf.number, f"{what} (it was in the root of {day.date})")
        if count != day.count or merkle.root_of(roots) != day.tree:
            yield TamperFinding(day.date, "leaves altered or missing")


def history_findings(document: Mapping[str, Any], keys: KeyRing) -> list[TamperFinding]:
    """Findings in one stored history."""
    number, history = str(document["_id"]), document.get("history", [])
    found = [TamperFinding(number, f"step {each.n}: {each.what}") for each in chain.breaks(number, history, keys)]
    if document.get("history_seal", "") != chain.seal(keys, number, history):
        found.append(TamperFinding(number, "the history was cut, rewritten, or written without its seal"))
    if any(map(_was_forgotten, history)) and not any(entry.get("action") == "anonymise" for entry in history):
        found.append(TamperFinding(number, "words or the citizen were removed without an anonymisation"))
    return found


def leaf_finding(leaf: Leaf, hashes: Sequence[str] | None) -> str | None:
    """What is wrong with a history (its hashes; None: no such request) compared with a day's leaf."""
    if hashes is None:
        return "the request is missing"
    if len(hashes) < leaf.count:
        return f"steps {len(hashes) + 1} to {leaf.count} are missing"
    if hashes[leaf.count - 1] != leaf.head:
        return f"rewritten at or before step {leaf.count}"
    return None


def _was_forgotten(entry: Mapping[str, Any]) -> bool:
    """Whether something is missing that anonymising removes (`chain.forget`)."""
    return any(digest in entry and entry.get(name) is None for name, digest in chain.DIGESTS.items())
