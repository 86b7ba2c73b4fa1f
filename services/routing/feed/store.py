"""`routing.feed`: each department's messages of the last 30 days, with numbers that have no gap.

A number is newest + 1 and is taken by the insert itself: a unique index decides between two processes, and the loser
reads the newest number again. The newest message is kept however old it is, because the next number follows it.
"""

import asyncio
import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import BulkWriteError

from services.routing.feed.models import FeedEntry, FeedMessage
from shared.changing import ContendedError, attempts
from shared.clock import Clock, utc_now
from shared.mongo import Database
from shared.mongo.client import Document
from shared.mongo.records import only_duplicates

EVENT = [("event_id", ASCENDING), ("feed", ASCENDING)]
DIGITS = 12


class FeedStore:
    """The feeds of all departments."""

    def __init__(self, database: Database, clock: Clock = utc_now) -> None:
        self._collection = database["feed"]
        self._clock = clock
        self._newest: dict[str, int] = {}
        self._inserting = asyncio.Lock()  # so that the tasks of one process do not take each other's numbers

    async def create_indexes(self) -> None:
        """Create the index by which an event that is published again finds its number; `_id` orders each feed."""
        await self._collection.create_index(EVENT, unique=True)

    async def append(self, messages: Sequence[FeedMessage]) -> list[FeedEntry]:
        """Number and store messages in their order; those that are there already keep their entry.

        Raises ContendedError.
        """
        waiting = {message.key: message for message in messages}
        found: dict[tuple[str, str], FeedEntry] = {}
        async for _ in attempts():
            async with self._inserting:
                found |= await self._insert(list(waiting.values()))
            waiting = {key: message for key, message in waiting.items() if key not in found}
            if not waiting:
                return [found[message.key] for message in messages]
        raise ContendedError

    async def after(self, feed: str, number: int, limit: int) -> list[FeedEntry]:
        """The entries with a later number, in order."""
        later = {"_id": {"$gt": _id(feed, number), "$lt": _end(feed)}}
        return [_entry(d) for d in await self._collection.find(later).sort("_id").limit(limit).to_list(None)]

    async def newest(self, feed: str) -> int:
        """The newest number; 0 where there is none."""
        return await self._end_of(feed, DESCENDING)

    async def oldest(self, feed: str) -> int:
        """The oldest number that is kept; 0 where there is none."""
        return await self._end_of(feed, ASCENDING)

    async def before(self, feed: str, at: datetime) -> int:
        """The last number that was stored before a time; the one before the oldest where none was."""
        low, high = max(await self.oldest(feed) - 1, 0), await self.newest(feed)
        while low < high:
            middle = (low + high + 1) // 2
            found = await self._collection.find_one({"_id": _id(feed, middle)}, {"stored_at": 1})
            if found is None or found["stored_at"] < at:
                low = middle
            else:
                high = middle - 1
        return low

    async def forget_citizen(self, subject: str, citizen_id: str) -> int:
        """Put another id in place of the citizen's in all messages about a request; of how many."""
        about = {"event_id": {"$gt": f"routing/{subject}/", "$lt": f"routing/{subject}0"}}
        changed = 0
        for document in await self._collection.find(about).to_list(None):
            body = json.dumps(json.loads(document["body"]) | {"citizen_id": citizen_id})
            same = {"_id": document["_id"], "event_id": document["event_id"]}
            changed += (await self._collection.update_one(same, {"$set": {"body": body}})).modified_count
        return changed

    async def expire(self, feed: str, before: datetime) -> int:
        """Remove what was stored before a time, except the newest; how many."""
        last = min(await self.before(feed, before), await self.newest(feed) - 1)
        old = {"_id": {"$gt": _id(feed, 0), "$lte": _id(feed, last)}}
        return (await self._collection.delete_many(old)).deleted_count if last > 0 else 0

    async def expire_all(self, keep: timedelta) -> None:
        """Remove from every feed what was stored longer ago."""
        for feed in sorted(await self._collection.distinct("feed")):
            await self.expire(feed, self._clock() - keep)

    async def _insert(self, messages: Sequence[FeedMessage]) -> dict[tuple[str, str], FeedEntry]:
        """Insert messages under the next numbers while these are free; returns what is stored now, by key."""
        entries = await self._numbered(messages)
        stored, again = entries, False
        try:  # in order, so that a number exists only where the one before it does, wherever a crash ends it
            await self._collection.insert_many([_document(entry) for entry in entries])
        except BulkWriteError as error:
            failure = only_duplicates(error)[0]
            stored, again = entries[: failure["index"]], "event_id" in failure["keyPattern"]
            self._newest.clear()
        for entry in stored:
            self._newest[entry.message.feed] = entry.number
        found = {entry.message.key: entry for entry in stored}
        return found | (await self._known(messages) if again else {})

    async def _numbered(self, messages: Sequence[FeedMessage]) -> list[FeedEntry]:
        now, entries, last = self._clock(), list[FeedEntry](), dict[str, int]()
        for message in messages:
            if message.feed not in last:
                known = self._newest.get(message.feed)
                last[message.feed] = await self.newest(message.feed) if known is None else known
            last[message.feed] += 1
            entries.append(FeedEntry(message, last[message.feed], now))
        return entries

    async def _known(self, messages: Sequence[FeedMessage]) -> dict[tuple[str, str], FeedEntry]:
        """The entries of messages that were stored before."""
        keys = {message.key for message in messages}
        same = {"event_id": {"$in": sorted({event for _, event in keys})}}
        entries = [_entry(document) for document in await self._collection.find(same).to_list(None)]
        return {entry.message.key: entry for entry in entries if entry.message.key in keys}

    async def _end_of(self, feed: str, direction: int) -> int:
        whole = {"_id": {"$gt": _id(feed, 0), "$lt": _end(feed)}}
        found = await self._collection.find_one(whole, {"_id": 1}, sort=[("_id", direction)])
        return 0 if found is None else _number(found)


def _id(feed: str, number: int) -> str:
    """Ids in the order of numbers."""
    return f"{feed}/{number:0{DIGITS}d}"


def _end(feed: str) -> str:
    """What comes after all ids of a feed: `0` follows `/`."""
    return f"{feed}0"


def _number(document: Document) -> int:
    return int(document["_id"].rpartition("/")[2])


def _document(entry: FeedEntry) -> Document:
    message = entry.message
    return {
        "_id": _id(message.feed, entry.number),
        "feed": message.feed,
        "event_id": message.event_id,
        "type": message.type,
        "subject": message.subject,
        "seq": message.seq,
        "at": message.at,
        "body": message.body.decode(),
        "stored_at": entry.stored_at,
    }


def _entry(document: Document) -> FeedEntry:
    names = ("feed", "event_id", "type", "subject", "seq", "at")
    message = FeedMessage(**{name: document[name] for name in names}, body=document["body"].encode())
    return FeedEntry(message, _number(document), document["stored_at"])
