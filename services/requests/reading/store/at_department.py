"""`requests.requests` once more: what a department has, by number and with its texts."""

from collections.abc import Collection
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.requests.request.models.request import Request
from shared.mongo import listing, text
from shared.mongo.client import Collection as MongoCollection
from shared.paging import Position

NEWEST_FIRST = [("submitted_at", DESCENDING), ("_id", ASCENDING)]
LINES = dict.fromkeys(("events", "history", "facts"), 0)
WRITTEN = ("service", "submitted_at", "sealed_answers", "sealed_address", "history.action", "history.sealed_words")
TEXTS = dict.fromkeys(("rev", "seq", *WRITTEN), 1)


class AtDepartment:
    """Questions of those who work at a department."""

    def __init__(self, collection: MongoCollection) -> None:
        self.collection = collection

    async def create_indexes(self) -> None:
        """One index: what a department has, newest first."""
        await self.collection.create_index(
            [("department", ASCENDING), *NEWEST_FIRST], partialFilterExpression={"department": {"$type": "string"}}
        )

    async def numbered(self, department: str, numbers: Collection[str]) -> list[Request]:
        """Those of the numbers that the department has, or would get."""
        query = {"_id": {"$in": [str(number) for number in numbers]}, "$or": has_or_gets(department)}
        with listing():
            return [Request.of(found) for found in await self.collection.find(query, LINES).to_list(None)]

    async def beginning(self, department: str, beginning: str, limit: int) -> list[str]:
        """Numbers of the department that begin so, newest first."""
        query = {"_id": {"$gte": beginning, "$lt": f"{beginning}~"}, "$or": has_or_gets(department)}
        with listing():
            found = self.collection.find(query, {"_id": 1}).hint([("_id", ASCENDING)]).sort(NEWEST_FIRST).limit(limit)
            return [document["_id"] for document in await found.to_list(None)]

    async def texts(self, department: str, after: Position | None, limit: int) -> list[Request]:
        """What the department has, newest first, with all that is written in it and little else."""
        query: dict[str, Any] = {"department": text(department)}
        if after is not None:
            at, number = after
            query["$or"] = [{"submitted_at": {"$lt": at}}, {"submitted_at": at, "_id": {"$gt": number}}]
        with listing():
            found = self.collection.find(query, TEXTS, batch_size=limit).sort(NEWEST_FIRST).limit(limit)
            return [Request.of(document) for document in await found.to_list(None)]


def has_or_gets(department: str) -> list[dict[str, Any]]:
    """The conditions that a department has a request, or would get it."""
    return [{"department": str(department)}, {"intended": str(department)}]
