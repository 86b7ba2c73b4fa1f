"""`requests.guesses`: when the wrong digits that were tried will be forgotten, by number and by address.

One document for all replicas, which says nothing else. The server's own clock decides; the TTL index only tidies up.
"""

from collections.abc import Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.requests.reading.models.guessing import Bucket, Tally
from shared.mongo import Database

LEFT = {"$subtract": ["$until", "$$NOW"]}
MILLISECOND = timedelta(milliseconds=1)


class GuessStore:
    """Buckets of tries: each try is back after a time."""

    def __init__(self, database: Database) -> None:
        self.collection = database["guesses"]

    async def create_indexes(self) -> None:
        """Old ones go by themselves."""
        await self.collection.create_index([("until", ASCENDING)], expireAfterSeconds=0)

    async def used_up(self, buckets: Mapping[str, Bucket]) -> dict[str, Tally]:
        """The buckets in which no try is left, by key."""
        found = await self.collection.find({"_id": {"$in": list(buckets)}}, {"left": LEFT}).to_list(None)
        tallies = {document["_id"]: _tally(0, document["left"], buckets[document["_id"]]) for document in found}
        return {key: tally for key, tally in tallies.items() if tally.seconds > 0}

    async def reserve(self, key: str, wanted: int, bucket: Bucket) -> Tally:
        """Take up to `wanted` tries, never more than there are, atomically: how many of them were granted."""
        every = bucket.every // MILLISECOND
        free = {"$floor": {"$divide": [{"$subtract": [bucket.most * every, LEFT]}, every]}}
        update: list[dict[str, Any]] = [
            {"$set": {"until": {"$max": ["$until", "$$NOW"]}}},
            {"$set": {"granted": {"$toLong": {"$max": [0, {"$min": [wanted, free]}]}}}},
            {"$set": {"until": {"$add": ["$until", {"$multiply": ["$granted", every]}]}}},
        ]
        try:
            return await self._reserve(key, update, bucket)
        except DuplicateKeyError:  # two made it at once: now it is there
            return await self._reserve(key, update, bucket)

    async def _reserve(self, key: str, update: list[dict[str, Any]], bucket: Bucket) -> Tally:
        found = await self.collection.find_one_and_update(
            {"_id": key},
            update,
            projection={"granted": 1, "left": LEFT},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _tally(found["granted"], found["left"], bucket)


def _tally(granted: int, milliseconds: float, bucket: Bucket) -> Tally:
    """`milliseconds` are those until every try is back."""
    until_one = milliseconds - (bucket.most - 1) * (bucket.every / MILLISECOND)
    return Tally(int(granted), max(0, ceil(until_one / 1000)), bucket.code)
