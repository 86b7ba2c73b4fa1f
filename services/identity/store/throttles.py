"""`identity.throttles`: counters that start anew after a time."""

from datetime import datetime, timedelta

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from shared.mongo import Database


class ThrottleStore:
    """`identity.throttles`: counters that start anew after a time."""

    def __init__(self, database: Database) -> None:
        self.collection = database["throttles"]

    async def create_indexes(self) -> None:
        """Old ones go by themselves."""
        await self.collection.create_index([("ends_at", ASCENDING)], expireAfterSeconds=0)

    async def claim(self, key: str, now: datetime, window: timedelta) -> tuple[int, datetime]:
        """Count one, atomically: how many since the window began, and when it ends."""
        over = {"$lte": ["$ends_at", now]}  # true also where there is no such field yet
        count = {"$cond": [over, 1, {"$add": ["$count", 1]}]}
        ends_at = {"$cond": [over, now + window, "$ends_at"]}
        update = [{"$set": {"count": count, "ends_at": ends_at}}]
        for _ in range(2):
            try:
                found = await self.collection.find_one_and_update(
                    {"_id": key}, update, upsert=True, return_document=ReturnDocument.AFTER
                )
                break
            except DuplicateKeyError:  # two made it at once: now it is there
                continue
        return found["count"], found["ends_at"]

    async def give_back(self, key: str) -> None:
        """Count one less."""
        await self.collection.update_one({"_id": key, "count": {"$gt": 0}}, {"$inc": {"count": -1}})

    async def clear(self, key: str) -> None:
        """Start anew."""
        await self.collection.delete_one({"_id": key})
