"""The read state, in the collection of notifications."""

from collections.abc import Collection as Ids
from datetime import datetime
from typing import Any

from shared.mongo.client import Collection

UNREAD: dict[str, Any] = {"words": {"$exists": True}, "read_at": {"$exists": False}}


class ReadMarkStore:
    """What citizens have read of their messages."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    async def unread(self, citizen_id: str, since: datetime, most: int) -> int:
        """How many messages from then on a citizen has not read, at most so many."""
        mine = {"citizen_id": citizen_id, "created_at": {"$gte": since}, **UNREAD}
        return int(await self.collection.count_documents(mine, limit=most))

    async def mark(self, citizen_id: str, ids: Ids[str], at: datetime) -> None:
        """Mark those of the ids that are the citizen's."""
        await self._mark({"citizen_id": citizen_id, "_id": {"$in": list(ids)}}, at)

    async def mark_up_to(self, citizen_id: str, last: str, at: datetime) -> None:
        """Mark a message of the citizen and all that are older; nothing where it is not the citizen's."""
        mine = {"citizen_id": citizen_id, "_id": last}
        found = await self.collection.find_one(mine, {"created_at": 1})
        if found is not None:
            await self._mark({"citizen_id": citizen_id, "created_at": {"$lte": found["created_at"]}}, at)

    async def _mark(self, which: dict[str, Any], at: datetime) -> None:
        await self.collection.update_many({**which, **UNREAD}, {"$set": {"read_at": at}})
