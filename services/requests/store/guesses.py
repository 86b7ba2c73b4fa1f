"""`requests.guesses`: how many wrong digits were tried, by tracking number and by address, within a time.

One counter for all replicas. The server's own clock decides when a window is over; the TTL index only tidies up.
"""

from collections.abc import Collection
from datetime import timedelta
from math import ceil
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.requests.models.guessing import Tally
from shared.mongo import Database

LEFT = {"$subtract": ["$until", "$$NOW"]}
LIVE = {"$gt": ["$until", "$$NOW"]}


class GuessStore:
    """Counters that start anew after a time."""

    def __init__(self, database: Database) -> None:
        self.collection = database["guesses"]

    async def create_indexes(self) -> None:
        """Old ones go by themselves."""
        await self.collection.create_index([("until", ASCENDING)], expireAfterSeconds=0)

    async def tallies(self, keys: Collection[str]) -> dict[str, Tally]:
        """The counters that are not over, by key."""
        query = {"_id": {"$in": list(keys)}, "$expr": LIVE}
        found = await self.collection.find(query, {"count": 1, "left": LEFT}).to_list(None)
        return {document["_id"]: _tally(document["count"], document["left"]) for document in found}

    async def reserve(self, key: str, wanted: int, most: int, window: timedelta) -> Tally:
        """Count up to `wanted` more, never beyond `most`, atomically: how many of them were granted."""
        ends = {"$add": ["$$NOW", window // timedelta(milliseconds=1)]}
        update: list[dict[str, Any]] = [
            {"$set": {"count": {"$cond": [LIVE, "$count", 0]}, "until": {"$cond": [LIVE, "$until", ends]}}},
            {"$set": {"granted": {"$max": [0, {"$min": [wanted, {"$subtract": [most, "$count"]}]}]}}},
            {"$set": {"count": {"$add": ["$count", "$granted"]}}},
        ]
        try:
            return await self._reserve(key, update)
        except DuplicateKeyError:  # two made it at once: now it is there
            return await self._reserve(key, update)

    async def _reserve(self, key: str, update: list[dict[str, Any]]) -> Tally:
        found = await self.collection.find_one_and_update(
            {"_id": key},
            update,
            projection={"granted": 1, "left": LEFT},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _tally(found["granted"], found["left"])


def _tally(count: int, milliseconds: int) -> Tally:
    return Tally(int(count), max(1, ceil(milliseconds / 1000)))
