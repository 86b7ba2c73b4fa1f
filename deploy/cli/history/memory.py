"""Records in memory, as the use cases of services save them, until they are written in bulk."""

from collections import deque
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Generic, TypeVar

from shared.envelope import Envelope
from shared.records import Record

R = TypeVar("R", bound=Record)


class RecordsInMemory(Generic[R]):
    """The records of one kind, and the events that they have emitted and nobody has heard yet."""

    def __init__(self, kind: type[R]) -> None:
        self._kind = kind
        self.documents: dict[str, dict[str, Any]] = {}
        self.emitted: deque[Envelope] = deque()

    async def get(self, record_id: str) -> R | None:
        """The record, or None."""
        document = self.documents.get(record_id)
        return self._kind.of(document) if document else None

    async def load_many(self, ids: Collection[str]) -> dict[str, R]:
        """The existing records, by id."""
        return {one: self._kind.of(self.documents[one]) for one in ids if one in self.documents}

    async def insert_many(self, records: Sequence[R]) -> list[str | None]:
        """Insert new records."""
        await self.save_many(records)
        return [None] * len(records)

    async def save_many(self, records: Sequence[R]) -> set[str]:
        """Save records; nobody else changes them."""
        for record in records:
            before = self.documents.get(record.id, {"events": []})
            entries = [*before["events"], *(envelope.entry() for envelope in record.emitted)]
            self.documents[record.id] = {
                **before,
                **record.changed_fields(),
                "_id": record.id,
                "rev": record.rev + 1,
                "seq": record.seq,
                "events": entries,
            }
            self.emitted.extend(record.emitted)
        return set()

    async def save_together(self, records: Sequence[R]) -> bool:
        """Save all of them."""
        await self.save_many(records)
        return True

    async def by_key(self, *_: str) -> R | None:
        """The filing with a key: each is filed once."""

    def settled(self, until: datetime) -> list[dict[str, Any]]:
        """The documents as if every event had been delivered long ago, so that none is sent now.

        No clock does anything until then: the running services must not act before all documents are written.
        """
        return [{**document, **_settled(document, until)} for document in self.documents.values()]


def _settled(document: dict[str, Any], until: datetime) -> dict[str, Any]:
    clock_at = document.get("clock_at")
    held = {"clock_at": max(clock_at, until)} if clock_at else {}
    return {"stamp": "history", "sent": document["seq"], "settled_to": document["seq"], **held}
