"""`identity.audit`: entries are inserted and read, never changed."""

from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.identity.accounts.models.audit import AuditedAct, Entry
from services.identity.accounts.store.inserting import inserted
from shared.mongo import Database

HEAD = "head"
Document = dict[str, Any]


class AuditStore:
    """`identity.audit`, and `identity.audit_head`: the highest assigned number."""

    def __init__(self, database: Database) -> None:
        self.collection = database["audit"]
        self._heads = database["audit_head"]

    async def create_indexes(self) -> None:
        """Each act is entered once; numbers are unique as ids of documents."""
        await self.collection.create_index([("act.id", ASCENDING)], unique=True)

    async def last(self) -> Entry | None:
        """The newest entry."""
        found = await self.collection.find_one({}, sort=[("_id", DESCENDING)])
        return _entry(found) if found else None

    async def has(self, act_id: str) -> bool:
        """Whether the act was entered."""
        return await self.collection.find_one({"act.id": str(act_id)}, {"_id": 1}) is not None

    async def add(self, entry: Entry) -> bool:
        """Insert an entry; False if its number is taken or its act is already entered."""
        document = {"_id": entry.n, "act": entry.act.document(), "before": entry.before, "hash": entry.hash}
        if not await inserted(self.collection, document):
            return False
        await self._heads.update_one({"_id": HEAD}, {"$max": {"n": entry.n}}, upsert=True)
        return True

    async def head(self) -> int:
        """The highest assigned number."""
        found = await self._heads.find_one({"_id": HEAD})
        return int(found["n"]) if found else 0

    async def page(self, before: int | None, limit: int) -> list[Entry]:
        """Entries with lower numbers, newest first."""
        query: Document = {} if before is None else {"_id": {"$lt": before}}
        cursor = self.collection.find(query).sort("_id", DESCENDING).limit(limit)
        return [_entry(found) for found in await cursor.to_list(None)]

    async def after(self, n: int, limit: int) -> list[Entry]:
        """Entries with higher numbers, in order."""
        cursor = self.collection.find({"_id": {"$gt": n}}).sort("_id", ASCENDING).limit(limit)
        return [_entry(found) for found in await cursor.to_list(None)]


def _entry(found: Document) -> Entry:
    return Entry(found["_id"], AuditedAct.of_document(found["act"]), found["before"], found["hash"])
