"""`requests.drafts`: drafts of filings. A TTL index deletes old ones; every query also checks the time."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.requests.filing.models import Draft
from shared.mongo import Database


class DraftStore:
    """Drafts by id; each query names the citizen."""

    def __init__(self, database: Database) -> None:
        self.collection = database["drafts"]

    async def create_indexes(self) -> None:
        """Unique slots for each citizen; old drafts expire."""
        await self.collection.create_index([("citizen_id", ASCENDING), ("slot", ASCENDING)], unique=True)
        await self.collection.create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)

    async def insert(self, draft: Draft) -> bool:
        """Insert a new draft; False if its id or slot is taken."""
        document = asdict(draft)
        document["_id"] = document.pop("id")
        try:
            await self.collection.insert_one(document)
        except DuplicateKeyError:
            return False
        return True

    async def get(self, citizen_id: str, draft_id: str, now: datetime) -> Draft | None:
        """A citizen's draft, unless expired."""
        query = {"_id": str(draft_id), "citizen_id": str(citizen_id), "expires_at": {"$gt": now}}
        document = await self.collection.find_one(query)
        return _draft(document) if document else None

    async def of_citizen(self, citizen_id: str, now: datetime) -> list[Draft]:
        """A citizen's drafts, in the order of their slots."""
        query = {"citizen_id": str(citizen_id), "expires_at": {"$gt": now}}
        return [_draft(d) for d in await self.collection.find(query).sort("slot", ASCENDING).to_list(None)]

    async def replace(self, draft: Draft, seen: int) -> bool:
        """Replace revision `seen` of a draft; False if it has another revision."""
        document = asdict(draft)
        document["_id"] = document.pop("id")
        mine = {"_id": draft.id, "citizen_id": draft.citizen_id, "revision": seen}
        result = await self.collection.replace_one(mine, document)
        return bool(result.matched_count)

    async def remove(self, citizen_id: str, draft_id: str) -> None:
        """Delete a citizen's draft, if it exists."""
        await self.collection.delete_one({"_id": str(draft_id), "citizen_id": str(citizen_id)})

    async def remove_expired(self, citizen_id: str, now: datetime) -> None:
        """Delete a citizen's expired drafts, which frees their slots."""
        await self.collection.delete_many({"citizen_id": str(citizen_id), "expires_at": {"$lte": now}})

    async def forget(self, citizen_id: str) -> None:
        """Delete all drafts of a citizen."""
        await self.collection.delete_many({"citizen_id": str(citizen_id)})


def _draft(document: dict[str, Any]) -> Draft:
    return Draft(id=document.pop("_id"), **document)
