"""`identity.accesses`: the access trail of citizens."""

import secrets
from datetime import datetime

from pymongo import ASCENDING, DESCENDING

from services.identity.accounts.models.access import AccessNote
from shared.mongo import RecordStore
from shared.rights import Role


class AccessTrailStore(RecordStore[AccessNote]):
    """`identity.accesses`."""

    kind = AccessNote

    async def create_indexes(self) -> None:
        """A citizen's trail, newest first."""
        await super().create_indexes()
        await self.collection.create_index([("citizen_id", ASCENDING), ("at", DESCENDING), ("_id", ASCENDING)])

    async def of_citizen(self, citizen_id: str, *, before: tuple[datetime, str] | None, limit: int) -> list[AccessNote]:
        """A citizen's trail, newest first, after the cursor (at, id)."""
        query: dict[str, object] = {"citizen_id": str(citizen_id)}
        if before is not None:
            at, last = before
            query["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$gt": str(last)}}]
        return await self.find(query, sort=[("at", DESCENDING), ("_id", ASCENDING)], limit=limit)

    async def note(self, citizen_id: str, what: str, role: Role, at: datetime) -> None:
        """Record an access in this service."""
        entry = AccessNote(id=secrets.token_hex(20), citizen_id=citizen_id, what=what, role=str(role), at=at)
        await self.insert_many([entry])

    async def forget_citizen(self, citizen_id: str) -> None:
        """Remove citizen and request from the trail; the record of taken-in events stays."""
        query = {"citizen_id": str(citizen_id)}
        await self.collection.update_many(query, {"$set": {"citizen_id": "", "request": None}})
