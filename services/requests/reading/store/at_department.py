"""`requests.requests` once more: what a department has, found by number and by blind words."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.requests.request.models.request import Request
from shared.mongo import listing, text
from shared.mongo.client import Collection as MongoCollection

NEWEST_FIRST = [("submitted_at", DESCENDING), ("_id", ASCENDING)]
LINES = dict.fromkeys(("events", "history", "words", "facts"), 0)
AT_ONCE = 1000
Row = dict[str, Any]
"""What is looked at while searching: number, citizen, words."""


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

    async def matching(
        self, department: str, pick: Callable[[Sequence[Row]], list[str]], limit: int, most: int
    ) -> tuple[list[str], bool]:
        """Up to `limit` numbers that `pick` picks, newest first, among the newest `most`; whether these are all."""
        query = {"department": text(department)}
        found: list[str] = []
        seen = 0
        with listing():
            rows = self.collection.find(query, {"citizen_id": 1, "words": 1}, batch_size=AT_ONCE)
            rows = rows.sort(NEWEST_FIRST).limit(most + 1)
            while len(found) <= limit and (batch := await rows.to_list(AT_ONCE)):
                found += await asyncio.to_thread(pick, batch[: most - seen])
                seen += len(batch)
        return found[:limit], len(found) <= limit and seen <= most


def has_or_gets(department: str) -> list[dict[str, Any]]:
    """The conditions that a department has a request, or would get it."""
    return [{"department": str(department)}, {"intended": str(department)}]
