"""The rate of each provider: a token bucket that all replicas share."""

from datetime import timedelta
from typing import Any

from pymongo import ReturnDocument, WriteConcern

from shared.mongo.client import Collection

UNLIMITED = 1_000_000.0
BURST = 0.25
"""The size of the bucket, in seconds of the rate."""
RESERVE = 0.2
"""The share of the bucket reserved for urgent messages."""


class RateStore:
    """A document for each provider: what is left of its rate, and until when it is paused."""

    def __init__(self, collection: Collection) -> None:
        # Losing the last of these writes does no harm, so they do not wait for the journal.
        self.collection = collection.with_options(write_concern=WriteConcern(w=1, j=False))

    async def take(self, provider: str, rate: float | None, wanted: int, *, urgent: bool) -> tuple[int, float]:
        """How many of the wanted messages may go now, and in how many seconds more may."""
        rate = rate or UNLIMITED
        size, kept = bucket(rate)
        answer = await self.collection.find_one_and_update(
            {"_id": provider},
            _taking(rate, size, 0 if urgent else kept, wanted),
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        granted, paused, left = int(answer["granted"]), answer["paused_for"] / 1000, answer["left"]
        return granted, max(paused, (1 + (0 if urgent else kept) - left) / rate, 0.0)

    async def pause(self, provider: str, pause: timedelta) -> None:
        """Send nothing to a provider that has asked for a pause."""
        until = {"$add": ["$$NOW", pause // timedelta(milliseconds=1)]}
        change = [{"$set": {"paused_until": {"$max": ["$paused_until", until]}}}]
        await self.collection.update_one({"_id": provider}, change, upsert=True)


def bucket(rate: float) -> tuple[float, float]:
    """The size of the bucket (at least two), and how much of it is reserved for urgent messages."""
    size = max(rate * BURST, 2.0)
    return size, min(size * RESERVE, size - 1)


def _taking(rate: float, size: float, kept: float, wanted: int) -> list[dict[str, Any]]:
    """The pipeline that refills the bucket by the time passed and takes what is there."""
    passed = {"$divide": [{"$max": [0, {"$subtract": ["$$NOW", {"$ifNull": ["$at", "$$NOW"]}]}]}, 1000]}
    filled = {"$add": [{"$ifNull": ["$left", size]}, {"$multiply": [rate, passed]}]}
    paused_for = {"$max": [0, {"$subtract": [{"$ifNull": ["$paused_until", "$$NOW"]}, "$$NOW"]}]}
    there_is = {"$max": [0, {"$floor": {"$subtract": ["$left", kept]}}]}
    granted = {"$cond": [{"$gt": ["$paused_for", 0]}, 0, {"$min": [wanted, there_is]}]}
    return [
        {"$set": {"left": {"$min": [size, filled]}, "at": "$$NOW", "paused_for": paused_for}},
        {"$set": {"granted": granted}},
        {"$set": {"left": {"$subtract": ["$left", "$granted"]}}},
    ]
