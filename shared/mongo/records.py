"""Storage of records in MongoDB: one document each, with optimistic locking, its outbox and its settlement state.

In addition to the record's own fields a document has `events` (all it ever emitted), `sent` (the broker confirmed up
to this seq), `relay_after` (present while something is unsent: from when another process may relay it) and the fields
of settlement (`shared.mongo.settling`).
"""

import secrets
from collections import OrderedDict, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Generic, TypeVar

from pymongo import ASCENDING, InsertOne, UpdateMany, UpdateOne
from pymongo.errors import BulkWriteError, OperationFailure

from shared.confirmed import ConfirmedEvents, Span
from shared.envelope import Envelope
from shared.mongo.client import Collection as MongoCollection
from shared.mongo.client import Document, ServerClock, transaction
from shared.mongo.settling import SettlingStore
from shared.records import Backlog, Record

R = TypeVar("R", bound=Record)
DUPLICATE_KEY = 11000
MAX_CACHED = 5000
MAX_COUNTED = 100_000
MAX_EXAMINED = 5_000
WAITING = {"relay_after": {"$gt": datetime(1970, 1, 1, tzinfo=UTC)}}
"""A range condition, so that counting uses the index alone."""
RELAYED = {"relay_after": "", "relay_token": ""}
"""The fields that are removed once the broker has confirmed the last event."""
Operation = InsertOne[Document] | UpdateOne | UpdateMany


class _OvertakenError(Exception):
    """Another writer changed one of the records."""


class RecordStore(SettlingStore, Generic[R]):
    """Records of one kind in one collection.

    `lease` (seconds) is how long only the writing process relays an event, before a sweep of any process may;
    `settle_after` (seconds) is how long after the broker's confirm consumers are asked what they have applied.
    """

    kind: type[R]

    def __init__(self, collection: MongoCollection, clock: ServerClock, *, lease: float, settle_after: float) -> None:
        super().__init__(collection, clock, timedelta(seconds=settle_after))
        self._lease = timedelta(seconds=lease)
        self._cache: OrderedDict[str, Document] = OrderedDict()
        self.confirmed = ConfirmedEvents()
        """The relay's: what a record's next write notes as confirmed."""
        self.on_emitted: Callable[[list[Envelope]], None] = lambda _: None
        self.on_written: Callable[[Sequence[R]], None] = lambda _: None

    async def create_indexes(self) -> None:
        """Create the indexes for relaying and settlement; services add their own."""
        await self.collection.create_index(
            [("relay_after", ASCENDING)], partialFilterExpression={"relay_after": {"$exists": True}}
        )
        await self.create_settling_indexes()

    async def get(self, record_id: str) -> R | None:
        """The record, or None."""
        return await self.first({"_id": str(record_id)})

    async def first(self, query: Document) -> R | None:
        """A record that matches the query, or None."""
        document = await self.collection.find_one(query)
        return None if document is None else self.kind.of(document)

    async def find(self, query: Document, *, sort: Sequence[tuple[str, int]] = (), limit: int = 0) -> list[R]:
        """The records that match the query; with a limit of 0 all of them."""
        found = self.collection.find(query, sort=list(sort) or None, limit=limit)
        return [self.kind.of(document) for document in await found.to_list(None)]

    async def load_cached(self, ids: Collection[str]) -> dict[str, R]:
        """Like `load_many`, but records that this process wrote recently come from memory and may be outdated.

        Saving an outdated record fails, and the caller then loads it again with `load_many`.
        """
        cached = {record_id: self.kind.of(self._cache[record_id]) for record_id in ids if record_id in self._cache}
        rest = [record_id for record_id in ids if record_id not in cached]
        return cached | (await self.load_many(rest) if rest else {})

    async def load_many(self, ids: Collection[str]) -> dict[str, R]:
        """The existing ones of these records, by id."""
        documents = await self.collection.find({"_id": {"$in": list(ids)}}).to_list(None)
        return {document["_id"]: self.kind.of(document) for document in documents}

    async def taken_in(self, ids: Collection[str], source: str) -> dict[str, int]:
        """For each existing record the last seq of a source that it has applied."""
        found = await self.collection.find({"_id": {"$in": list(ids)}}, {f"inbox.{source}": 1}).to_list(None)
        return {document["_id"]: document.get("inbox", {}).get(source, 0) for document in found}

    async def insert_many(self, records: Sequence[R]) -> list[str | None]:
        """Insert new records; for each None when it is durable, else the fields of the unique index that refused it."""
        stamp = secrets.token_hex(6)
        clashes: list[str | None] = [None] * len(records)
        try:
            await self.collection.insert_many([self._document(r, stamp) for r in records], ordered=False)
        except BulkWriteError as error:
            for failure in only_duplicates(error):
                clashes[failure["index"]] = "+".join(failure["keyPattern"])
        self._written([record for record, clash in zip(records, clashes, strict=True) if clash is None])
        return clashes

    async def save_many(self, records: Sequence[R]) -> set[str]:
        """Write each record whose revision is still the stored one; returns the ids of the others.

        The same write notes what the broker has confirmed meanwhile.
        """
        if not records:
            return set()
        sent = {record.id: span for record in records if (span := self._to_note(record))}
        lost = {record.id for record in records}
        try:
            lost = await self._save(records, sent)
        finally:
            self.confirmed.add({subject: span for subject, span in sent.items() if subject in lost})
        self._written([record for record in records if record.id not in lost])
        return lost

    async def save_together(self, records: Sequence[R]) -> bool:
        """Write all of these stored records, or none where another writer changed one; whether they were written.

        For the rare step that two records must take together (docs/adr/0024).
        """
        stamp = secrets.token_hex(6)
        operations = [self._operation(record, stamp) for record in records]
        try:
            async with transaction(self.collection) as session:
                result = await self.collection.bulk_write(operations, session=session)
                if result.matched_count < len(records):
                    raise _OvertakenError
        except _OvertakenError:
            return False
        except OperationFailure as error:
            if error.has_error_label("TransientTransactionError"):  # another transaction is writing one of them now
                return False
            raise
        self._written(records)
        return True

    async def claim_unsent(self, limit: int) -> list[Envelope]:
        """Events that were not confirmed in time, leased to this caller, in order within each subject."""
        due = {"$expr": {"$lt": ["$relay_after", "$$NOW"]}, "relay_after": {"$exists": True}}
        ids = [d["_id"] for d in await self.collection.find(due, {"_id": 1}).limit(limit).to_list(None)]
        if not ids:
            return []
        token = secrets.token_hex(6)
        lease = {"$add": ["$$NOW", self._lease // timedelta(milliseconds=1)]}
        await self.collection.update_many(
            {"_id": {"$in": ids}, **due}, [{"$set": {"relay_after": lease, "relay_token": token}}]
        )
        mine = await self.collection.find(
            {"_id": {"$in": ids}, "relay_token": token}, {"events": 1, "sent": 1}
        ).to_list(None)
        return [
            Envelope.of_entry(self.kind.source, document["_id"], entry)
            for document in mine
            for entry in document["events"]
            if entry["seq"] > document["sent"]
        ]

    async def confirm_sent(self, sent: Mapping[str, tuple[int, int]]) -> None:
        """Store for each subject that the broker has confirmed its events from the first to the last seq given.

        With a gap before the first (an earlier event failed) the document is left to the sweep. One without unsent
        events gets `sent_at`, the server's time, by which settlement finds it.
        """
        by_range: dict[tuple[int, int], list[str]] = defaultdict(list)
        for subject, span in sent.items():
            by_range[span].append(subject)
        for (first, last), ids in by_range.items():
            gapless = {"_id": {"$in": ids}, "sent": {"$gte": first - 1}}
            done = await self.collection.update_many(
                {**gapless, "seq": last, "resent": {"$exists": False}},
                {"$set": {"sent": last}, "$currentDate": {"sent_at": True}, "$unset": RELAYED},
            )
            if done.matched_count < len(ids):
                await self.collection.update_many(
                    {**gapless, "seq": last, "resent": {"$exists": True}},
                    [{"$set": {"sent": last, "sent_at": self.stamp_of_resent()}}, {"$unset": [*RELAYED]}],
                )
                # Newer events were added meanwhile; they are relayed separately.
                await self.collection.update_many({**gapless, "seq": {"$gt": last}}, {"$max": {"sent": last}})

    async def backlog(self) -> Backlog:
        """The unsent records, counted up to MAX_COUNTED, and the oldest event among the first MAX_EXAMINED.

        Uses only the partial index of `relay_after`.
        """
        records = await self.collection.count_documents(WAITING, limit=MAX_COUNTED)
        unsent = {"$filter": {"input": "$events", "cond": {"$gt": ["$$this.seq", "$sent"]}}}
        pipeline: list[Document] = [
            {"$match": WAITING},
            {"$sort": {"relay_after": ASCENDING}},
            {"$limit": MAX_EXAMINED},
            {"$project": {"at": {"$min": {"$map": {"input": unsent, "in": "$$this.at"}}}}},
            {"$group": {"_id": None, "since": {"$min": "$at"}}},
        ]
        found = await self.collection.aggregate(pipeline).to_list(None) if records else []
        since = found[0]["since"] if found else None
        return Backlog(records, max(0.0, (self.clock.now() - since).total_seconds()) if since else 0.0)

    def _document(self, record: R, stamp: str) -> Document:
        """A new record as the document that is inserted."""
        document = {
            "_id": record.id,
            **record.changed_fields(),
            "rev": 1,
            "seq": record.seq,
            "stamp": stamp,
            "events": [envelope.entry() for envelope in record.emitted],
            "sent": 0,
        }
        if record.emitted:
            document["relay_after"] = self.clock.now() + self._lease
        if record.forget_to:
            document["forget_to"] = record.forget_to
        return document

    async def _save(self, records: Sequence[R], sent: Mapping[str, Span]) -> set[str]:
        """Write each record whose revision is still the stored one; returns the ids of the others.

        When the counts do not add up, the documents are read again: one is saved only if it has this write's stamp.
        A batch comes from a consumer, which takes its messages again after a fault; so the driver need not retry it,
        and the server need not note each update for that (`UpdateMany`). A single write is retried by the driver.
        """
        stamp, update = secrets.token_hex(6), UpdateMany if len(records) > 1 else UpdateOne
        operations = [self._operation(record, stamp, sent.get(record.id), update) for record in records]
        try:
            result = await self.collection.bulk_write(operations, ordered=False)
            complete = result.matched_count + result.inserted_count == len(records)
        except BulkWriteError as error:
            only_duplicates(error)
            complete = False
        return set() if complete else await self._lost(records, stamp)

    def _to_note(self, record: R) -> Span | None:
        """Take the record's confirmed events, if writing it can note them: all are, and none was sent again."""
        if record.emitted or not record.stored or "resent" in record.stored:
            return None
        span = self.confirmed.take(record.id, record.seq)
        if span and record.stored.get("sent", span[0]) < span[0] - 1:
            self.confirmed.add({record.id: span})  # an earlier event failed
            return None
        return span

    def _operation(
        self,
        record: R,
        stamp: str,
        sent: Span | None = None,
        kind: type[UpdateOne] | type[UpdateMany] = UpdateOne,
    ) -> Operation:
        """The conditional write of the changed fields; `sent`: the confirmed events that it notes."""
        if not record.stored:
            return InsertOne(self._document(record, stamp))
        as_read: Document = {"_id": record.id, "rev": record.rev}
        changed = record.changed_fields() | {"rev": record.rev + 1, "seq": record.seq, "stamp": stamp}
        if record.forget_to:
            changed["forget_to"] = record.forget_to
        update: Document = {"$set": changed}
        if record.emitted:
            changed |= {"relay_after": self.clock.now() + self._lease, **self.floor_of(record.stored)}
            update["$unset"] = {"resent": ""}
            update["$push"] = {"events": {"$each": [envelope.entry() for envelope in record.emitted]}}
        elif sent:
            as_read |= {"sent": {"$gte": sent[0] - 1}, "resent": {"$exists": False}}
            changed["sent"] = sent[1]
            update |= {"$currentDate": {"sent_at": True}, "$unset": RELAYED}
        return kind(as_read, update)

    async def _lost(self, records: Sequence[R], stamp: str) -> set[str]:
        ids = [record.id for record in records]
        mine = await self.collection.find({"_id": {"$in": ids}, "stamp": stamp}, {"_id": 1}).to_list(None)
        return set(ids) - {document["_id"] for document in mine}

    def _written(self, records: Sequence[R]) -> None:
        for record in records:
            state = {"_id": record.id, **record.fields(), "rev": record.rev + 1, "seq": record.seq}
            self._cache[record.id] = state  # not a copy: the record is not used after saving
        while len(self._cache) > MAX_CACHED:
            self._cache.popitem(last=False)
        emitted = [envelope for record in records for envelope in record.emitted]
        if emitted:
            self.on_emitted(emitted)
        if records:
            self.on_written(records)


def only_duplicates(error: BulkWriteError) -> list[Document]:
    """The duplicate-key failures of a bulk write; raises the error if it has any other failure."""
    failures: list[Document] = list((error.details or {}).get("writeErrors", []))
    if (error.details or {}).get("writeConcernErrors") or any(f.get("code") != DUPLICATE_KEY for f in failures):
        raise error
    return failures
