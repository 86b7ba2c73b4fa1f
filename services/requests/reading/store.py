"""Queries for departments, and `requests.guesses`: counters of wrong digits."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from pymongo import ASCENDING, ReturnDocument
from pymongo.errors import DuplicateKeyError

from services.requests.reading.models import Bucket, Tally
from services.requests.request.models.request import Request
from services.requests.request.store.requests import NEWEST_FIRST, older_than
from shared.mongo import Database, listing, text
from shared.mongo.client import Collection as MongoCollection
from shared.paging import Position

LINES = dict.fromkeys(("events", "history", "facts"), 0)
WRITTEN = ("service", "submitted_at", "sealed_answers", "sealed_address", "history.action", "history.sealed_words")
TEXTS = dict.fromkeys(("rev", "seq", *WRITTEN), 1)


class DepartmentRequestStore:
    """Queries of a department's staff."""

    def __init__(self, collection: MongoCollection) -> None:
        self.collection = collection

    async def create_indexes(self) -> None:
        """One index: requests of a department, newest first."""
        await self.collection.create_index(
            [("department", ASCENDING), *NEWEST_FIRST], partialFilterExpression={"department": {"$type": "string"}}
        )

    async def numbered(self, department: str, numbers: Collection[str], reader: str = "") -> list[Request]:
        """Those of the numbers that the department has or would get."""
        query = {"_id": {"$in": [str(number) for number in numbers]}, **seen_at(department, reader)}
        with listing():
            return [Request.of(found) for found in await self.collection.find(query, LINES).to_list(None)]

    async def hidden(self, numbers: Collection[str], reader: str) -> set[str]:
        """Those of the numbers that are hidden from the reader."""
        query = {"_id": {"$in": [str(number) for number in numbers]}, "hidden_from": str(reader)}
        with listing():
            return {found["_id"] for found in await self.collection.find(query, {"_id": 1}).to_list(None)}

    async def beginning(self, department: str, beginning: str, limit: int, reader: str = "") -> list[str]:
        """Numbers of the department that start so, newest first."""
        query = {"_id": {"$gte": beginning, "$lt": f"{beginning}~"}, **seen_at(department, reader)}
        with listing():
            found = self.collection.find(query, {"_id": 1}).hint([("_id", ASCENDING)]).sort(NEWEST_FIRST).limit(limit)
            return [document["_id"] for document in await found.to_list(None)]

    async def texts(self, department: str, after: Position | None, limit: int, reader: str = "") -> list[Request]:
        """Requests of the department, newest first, with their texts and few other fields."""
        query = {"department": text(department), **not_hidden_from(reader), **older_than(after)}
        with listing():
            found = self.collection.find(query, TEXTS, batch_size=limit).sort(NEWEST_FIRST).limit(limit)
            return [Request.of(document) for document in await found.to_list(None)]


def seen_at(department: str, reader: str) -> dict[str, Any]:
    """The conditions that a department has a request or would get it, and that it is not hidden from the reader."""
    return {"$or": [{"department": str(department)}, {"intended": str(department)}], **not_hidden_from(reader)}


def not_hidden_from(reader: str) -> dict[str, Any]:
    """The condition that a request is not hidden from the account that reads it; empty without one."""
    return {"hidden_from": {"$ne": str(reader)}} if reader else {}


LEFT = {"$subtract": ["$until", "$$NOW"]}
MILLISECOND = timedelta(milliseconds=1)


class GuessStore:
    """Token buckets of attempts."""

    def __init__(self, database: Database) -> None:
        self.collection = database["guesses"]

    async def create_indexes(self) -> None:
        """One index, by which old ones expire."""
        await self.collection.create_index([("until", ASCENDING)], expireAfterSeconds=0)

    async def used_up(self, buckets: Mapping[str, Bucket]) -> dict[str, Tally]:
        """The empty buckets, by key."""
        found = await self.collection.find({"_id": {"$in": list(buckets)}}, {"left": LEFT}).to_list(None)
        tallies = {document["_id"]: _tally(0, document["left"], buckets[document["_id"]]) for document in found}
        return {key: tally for key, tally in tallies.items() if tally.seconds > 0}

    async def reserve(self, key: str, wanted: int, bucket: Bucket) -> Tally:
        """Take up to `wanted` attempts, as many as there are, atomically; returns how many were granted."""
        every = bucket.every // MILLISECOND
        free = {"$floor": {"$divide": [{"$subtract": [bucket.most * every, LEFT]}, every]}}
        update: list[dict[str, Any]] = [
            {"$set": {"until": {"$max": ["$until", "$$NOW"]}}},
            {"$set": {"granted": {"$toLong": {"$max": [0, {"$min": [wanted, free]}]}}}},
            {"$set": {"until": {"$add": ["$until", {"$multiply": ["$granted", every]}]}}},
        ]
        try:
            return await self._reserve(key, update, bucket)
        except DuplicateKeyError:  # another process made it at the same time
            return await self._reserve(key, update, bucket)

    async def _reserve(self, key: str, update: list[dict[str, Any]], bucket: Bucket) -> Tally:
        found = await self.collection.find_one_and_update(
            {"_id": key},
            update,
            projection={"granted": 1, "left": LEFT},
            upsert=True,
            return_document=ReturnDocument.AFTER,
        )
        return _tally(found["granted"], found["left"], bucket)


def _tally(granted: int, milliseconds: float, bucket: Bucket) -> Tally:
    """`milliseconds` are those until the bucket is full."""
    until_one = milliseconds - (bucket.most - 1) * (bucket.every / MILLISECOND)
    return Tally(int(granted), max(0, ceil(until_one / 1000)), bucket.code)
