"""Settlement of a collection of records: one watermark for each consumer, and the resending of lost events.

A record has `sent_at` (the server's time when the broker had confirmed its last event), `settled_to` (all consumers
have its events up to this seq), `resent` (how often it was sent again since its last event) and `forget_to` (its
events up to this seq lose their bodies as soon as all consumers have them).

`watermarks` has one document for each collection and consumer: the consumer has all records with `sent_at` up to
`until`; the next range may be asked for again after `ask_after`, by the server's clock.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime, timedelta

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from shared.envelope import FORGOTTEN
from shared.mongo.client import Collection as MongoCollection
from shared.mongo.client import Document, ServerClock
from shared.records import BEGINNING, Range

MAX_DOUBLINGS = 8
"""Backoff for events that a consumer never applies."""
MAX_ASK_DOUBLINGS = 3
"""Backoff for questions to a consumer that does not answer."""
OLD_MARK = "settle_after"
SETTLING_FIELDS = {"sent": 1, "sent_at": 1, "settled_to": 1, "settled": 1, "events.type": 1}


class SettlingStore:
    """A collection whose records are settled for each consumer, in ranges of `sent_at`."""

    def __init__(self, collection: MongoCollection, clock: ServerClock, settle_after: timedelta) -> None:
        self.collection = collection
        self.clock = clock
        self._settle_after = settle_after
        self._watermarks: MongoCollection = collection.database["watermarks"]
        self._all_settled_until = BEGINNING

    async def create_settling_indexes(self) -> None:
        """Create the indexes of settlement, and migrate what an earlier version had left to settle."""
        await self.collection.create_index([("sent_at", ASCENDING)], sparse=True)
        await self.collection.create_index(
            [("forget_to", ASCENDING)], partialFilterExpression={"forget_to": {"$exists": True}}
        )
        if f"{OLD_MARK}_1" in await self.collection.index_information():
            adopted = await self.collection.update_many(
                {OLD_MARK: {"$exists": True}}, [{"$set": {"sent_at": "$$NOW"}}, {"$unset": [OLD_MARK, "settle_tries"]}]
            )
            if not adopted.modified_count:  # else the earlier version may still be running
                await self.collection.drop_index(f"{OLD_MARK}_1")

    async def next_range(self, consumer: str, limit: int) -> Range | None:
        """The next range to ask a consumer for, leased to this caller; None when nothing is due or another asks."""
        mark = await self._watermark(consumer)
        since = mark["until"]
        if mark["ask_after"] > self.clock.now() or not (found := await self._stamped(since, limit)):
            return None
        doubled = {"$pow": [2, {"$min": ["$asked", MAX_ASK_DOUBLINGS]}]}
        again = {"$add": ["$$NOW", {"$multiply": [_millis(self._settle_after), doubled]}]}
        mine = await self._watermarks.update_one(
            {"_id": mark["_id"], "until": since, "$expr": {"$lte": ["$ask_after", "$$NOW"]}},
            [{"$set": {"ask_after": again, "asked": {"$add": ["$asked", 1]}}}],
        )
        if not mine.modified_count:
            return None
        records = {document["_id"]: _unsettled(document, consumer) for document in found}
        return Range(since, found[-1]["sent_at"], records, full=len(found) >= limit)

    async def move_watermark(self, consumer: str, since: datetime, upto: datetime) -> bool:
        """Store that a consumer has the range from `since` to `upto`; False when another range is next."""
        moved = await self._watermarks.update_one(
            {"_id": self._key(consumer), "until": since}, {"$set": {"until": upto, "ask_after": BEGINNING, "asked": 0}}
        )
        return bool(moved.modified_count)

    async def send_again(self, taken_in: Mapping[str, int], upto: datetime) -> int:
        """Relay the events after the given seq of each record again; returns for how many records."""
        by_seq: dict[int, list[str]] = defaultdict(list)
        for subject, seq in taken_in.items():
            by_seq[seq].append(subject)
        count = 0
        for seq, ids in by_seq.items():
            lacking = {"_id": {"$in": ids}, "seq": {"$gt": seq}, "sent_at": {"$lte": upto}}
            again = await self.collection.update_many(
                {**lacking, "relay_after": {"$exists": False}},
                [
                    {
                        "$set": {
                            "sent": {"$min": ["$sent", seq]},
                            "relay_after": "$$NOW",
                            "resent": {"$add": [{"$ifNull": ["$resent", 0]}, 1]},
                        }
                    }
                ],
            )
            count += again.modified_count
        return count

    async def lag(self, consumer: str) -> float:
        """For how many seconds a consumer's oldest unsettled record has been due; 0 for none."""
        until = (await self._watermark(consumer))["until"]
        oldest = await self.collection.find_one({"sent_at": {"$gt": until}}, {"sent_at": 1}, sort=[("sent_at", 1)])
        due = oldest["sent_at"] + self._settle_after if oldest else None
        return max(0.0, (self.clock.now() - due).total_seconds()) if due else 0.0

    async def forget_settled(self, consumers: Collection[str]) -> int:
        """Erase the bodies of events up to `forget_to` that all of these consumers have; of how many records."""
        keys = [self._key(consumer) for consumer in consumers]
        marks = await self._watermarks.find({"_id": {"$in": keys}}, {"until": 1}).to_list(None)
        untils = [mark["until"] for mark in marks] + [BEGINNING] * (len(keys) - len(marks))
        self._all_settled_until = min(untils, default=self.clock.now())
        known = {
            "forget_to": {"$exists": True},
            "relay_after": {"$exists": False},
            "sent_at": {"$not": {"$gt": self._all_settled_until}},
        }
        emptied = {"$mergeObjects": ["$$this", {"data": FORGOTTEN.decode()}]}
        upto = {"$cond": [{"$lte": ["$$this.seq", "$forget_to"]}, emptied, "$$this"]}
        bare = {"$map": {"input": "$events", "in": upto}}
        result = await self.collection.update_many(
            known, [{"$set": {"events": bare, "settled_to": "$forget_to"}}, {"$unset": "forget_to"}]
        )
        return result.modified_count

    def floor_of(self, stored: Mapping[str, object]) -> Document:
        """The update of `settled_to` for a record with new events, where all consumers have the earlier ones."""
        stamp = stored.get("sent_at")
        settled = isinstance(stamp, datetime) and stamp <= self._all_settled_until and "relay_after" not in stored
        return {"settled_to": stored["sent"]} if settled else {}

    def stamp_of_resent(self) -> Document:
        """`sent_at` of a record that was sent again: later than now, with a backoff by `resent`."""
        doubled = {"$pow": [2, {"$min": [{"$subtract": ["$resent", 1]}, MAX_DOUBLINGS]}]}
        return {"$add": ["$$NOW", {"$multiply": [_millis(self._settle_after), {"$subtract": [doubled, 1]}]}]}

    async def _stamped(self, since: datetime, limit: int) -> list[Document]:
        """The first records with a `sent_at` after `since` that are due, and all with the last one's `sent_at`."""
        due = {"$expr": {"$lte": ["$sent_at", {"$subtract": ["$$NOW", _millis(self._settle_after)]}]}}
        bound = {"$gt": since, "$lte": self.clock.now() - self._settle_after}
        cursor = (
            self.collection.find({"sent_at": bound, **due}, SETTLING_FIELDS).sort("sent_at", ASCENDING).limit(limit)
        )
        found = await cursor.to_list(None)
        if len(found) == limit:
            known = {document["_id"] for document in found}
            last = self.collection.find({"sent_at": found[-1]["sent_at"]}, SETTLING_FIELDS)
            found += [document for document in await last.to_list(None) if document["_id"] not in known]
        return found

    async def _watermark(self, consumer: str) -> Document:
        found = await self._watermarks.find_one({"_id": self._key(consumer)})
        if found is None:
            found = {"_id": self._key(consumer), "until": BEGINNING, "ask_after": BEGINNING, "asked": 0}
            with suppress(DuplicateKeyError):
                await self._watermarks.insert_one(found)
        return found

    def _key(self, consumer: str) -> str:
        return f"{self.collection.name}/{consumer}"


def _unsettled(document: Document, consumer: str) -> tuple[int, list[str]]:
    """The seq up to which a record is settled, and the types of its later events.

    Earlier versions stored the seq by consumer.
    """
    settled = max(document.get("settled_to", 0), document.get("settled", {}).get(consumer, 0))
    return settled, [event["type"] for event in document["events"][settled : document["sent"]]]


def _millis(duration: timedelta) -> int:
    return duration // timedelta(milliseconds=1)
