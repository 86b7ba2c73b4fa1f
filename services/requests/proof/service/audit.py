"""Looking for what was done to histories behind this service's back: altered, cut, moved or taken away.

Three things are held against each other: the chain inside a history, its keyed seal, and the closed days. The first
finds what was altered, the second what was cut or rewritten with fitting hashes by somebody without the key, the third
what somebody with the key rewrote or took away whole after its day was closed.
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

DAYS_AT_ONCE = 400


@dataclass(frozen=True)
class TamperFinding:
    """Something that is not as this service left it: of which request (or day), and what."""

    subject: str
    what: str


class HistoryAudit:
    """Checks all requests and all closed days. It only reads."""

    def __init__(self, store: DayStore, receipts: Receipts, keys: KeyRing) -> None:
        self._store = store
        self._receipts = receipts
        self._keys = keys
        self.requests = 0
        self.days = 0

    async def run(self, published: Mapping[str, str] | None = None) -> AsyncIterator[TamperFinding]:
        """All findings. `published` are roots by date as somebody kept them elsewhere."""
        async for page in self._store.histories():
            for document in page:
                self.requests += 1
                for finding in history_findings(document, self._keys):
                    yield finding
        previous: DayRoot | None = None
        kept = dict(published or {})
        while days := await self._store.between(next_day(previous.date) if previous else "0", DAYS_AT_ONCE):
            for day in days:
                self.days += 1
                for finding in self._day_findings(day, previous, kept.pop(day.date, day.root)):
                    yield finding
                async for finding in self._leaf_findings(day):
                    yield finding
                previous = day
        for date in sorted(kept):
            yield TamperFinding(date, "published once, and gone here")

    def _day_findings(self, day: DayRoot, previous: DayRoot | None, published: str) -> Iterator[TamperFinding]:
        begins = day.previous is None if previous is None else day.date == next_day(previous.date)
        if not begins:
            yield TamperFinding(day.date, "the days before it are gone")
        elif previous is not None and day.previous != previous.root:
            yield TamperFinding(day.date, "does not follow the day before")
        if not self._receipts.vouches_for(day.signature, {**day.shown(), "root": day.root}):
            yield TamperFinding(day.date, "root altered or not signed")
        if published != day.root:
            yield TamperFinding(day.date, "another root than the published one")

    async def _leaf_findings(self, day: DayRoot) -> AsyncIterator[TamperFinding]:
        """Whether the tree is that of its leaves, and each leaf still is how far its history went."""
        roots: list[str] = []
        count = 0
        async for leaves in self._store.leaves_of(day.tiles):
            roots.append(merkle.root_of([leaf.hash for leaf in leaves]))
            count += len(leaves)
            heads = await self._store.hashes_of([leaf.number for leaf in leaves])
            for leaf in leaves:
                if (what := leaf_finding(leaf, heads.get(leaf.number))) is not None:
                    yield TamperFinding(leaf.number, f"{what} (it stood in the root of {day.date})")
        if count != day.count or merkle.root_of(roots) != day.tree:
            yield TamperFinding(day.date, "leaves altered or gone")


def history_findings(document: Mapping[str, Any], keys: KeyRing) -> list[TamperFinding]:
    """What is wrong with one stored history by itself."""
    number, history = str(document["_id"]), document.get("history", [])
    found = [TamperFinding(number, f"step {each.n}: {each.what}") for each in chain.breaks(number, history, keys)]
    if document.get("history_seal", "") != chain.seal(keys, number, history):
        found.append(TamperFinding(number, "the history was cut, rewritten, or written without its seal"))
    if any(map(_was_forgotten, history)) and not any(entry.get("action") == "anonymise" for entry in history):
        found.append(TamperFinding(number, "words or the citizen were removed, and nobody asked for that"))
    return found


def leaf_finding(leaf: Leaf, hashes: Sequence[str] | None) -> str | None:
    """What is wrong with a history (its hashes; None: no such request) that went so far at the end of a day."""
    if hashes is None:
        return "the request is gone"
    if len(hashes) < leaf.count:
        return f"steps {len(hashes) + 1} to {leaf.count} are gone"
    if hashes[leaf.count - 1] != leaf.head:
        return f"rewritten at or before step {leaf.count}"
    return None


def _was_forgotten(entry: Mapping[str, Any]) -> bool:
    """Whether something is gone that an erasure may take (`chain.forget`): then a step of the history says so."""
    return any(digest in entry and entry.get(name) is None for name, digest in chain.DIGESTS.items())
