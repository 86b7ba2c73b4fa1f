"""Followers of requests in MongoDB."""

from collections.abc import Collection as Ids
from contextlib import suppress
from dataclasses import asdict

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.notifier.models.following import Follower
from shared.mongo.client import Collection


class FollowerStore:
    """Followers of requests."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    async def create_indexes(self) -> None:
        """Index followers by request and by citizen."""
        await self.collection.create_index([("number", ASCENDING)])
        await self.collection.create_index([("citizen_id", ASCENDING)])

    async def forget(self, citizen_id: str) -> None:
        """Delete all entries of a citizen."""
        await self.collection.delete_many({"citizen_id": str(citizen_id)})

    async def note(self, follower: Follower, seq: int, *, follows: bool) -> None:
        """Store the event with that seq, unless a later one is stored."""
        key = f"{follower.number}/{follower.citizen_id}"
        change = {**asdict(follower), "follows": follows, "seq": seq}
        with suppress(DuplicateKeyError):  # a later one is stored
            await self.collection.update_one({"_id": key, "seq": {"$lt": seq}}, {"$set": change}, upsert=True)

    async def of(self, numbers: Ids[str]) -> list[Follower]:
        """The followers of these requests."""
        query = {"number": {"$in": list(numbers)}, "follows": True}
        found = await self.collection.find(query).to_list(None)
        return [Follower(d["number"], d["citizen_id"], d["since"]) for d in found]
