"""`requests.accesses`: the access trail."""

from collections.abc import Collection

from pymongo import ASCENDING

from services.requests.request.models.access_log import NOBODY, AccessLogEntry
from shared.mongo import RecordStore


class AccessLogStore(RecordStore[AccessLogEntry]):
    """`requests.accesses`."""

    kind = AccessLogEntry

    async def create_indexes(self) -> None:
        """One index by citizen, one by request."""
        await super().create_indexes()
        await self.collection.create_index([("citizen_id", ASCENDING)])
        await self.collection.create_index([("request", ASCENDING)])

    async def at_requests(self, numbers: Collection[str], limit: int) -> list[AccessLogEntry]:
        """Some accesses to these requests that still name their citizen."""
        query = {"request": {"$in": [str(number) for number in numbers]}, "citizen_id": {"$ne": NOBODY}}
        return await self.find(query, limit=limit)

    async def of_citizen(self, citizen_id: str, limit: int) -> list[AccessLogEntry]:
        """Some accesses to a citizen's requests."""
        return await self.find({"citizen_id": str(citizen_id)}, limit=limit)
