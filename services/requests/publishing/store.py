"""Queries of published requests, and `requests.partners`."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING
from pymongo.errors import DuplicateKeyError

from services.requests.publishing.models import CLOSED, OPEN, Partner, PublicQuery, PublicStep
from services.requests.request.models.request import Request
from services.requests.request.store.requests import BY_CHANGE
from shared.mongo import Database, drop_indexes, listing
from shared.mongo.client import Collection as MongoCollection
from shared.mongo.client import Document
from shared.paging import Position
from shared.records import known_fields

IS_PUBLIC = {"public_id": {"$type": "string"}}
BY_FILING = [("submitted_at", DESCENDING), ("public_id", ASCENDING)]
LINES = dict.fromkeys(("events", "sealed_answers", "sealed_address", "facts", "followers"), 0)
ENTRY = ("n", "action", "from", "to", "at", "noted_at", "outcome")
"""What is read of a step."""


class PublicRequestStore:
    """Queries of published requests; requests are written through their own store."""

    def __init__(self, collection: MongoCollection) -> None:
        self.collection = collection

    async def create_indexes(self) -> None:
        """Published requests by their public id, by filing and by change."""
        await self.collection.create_index([("public_id", ASCENDING)], unique=True, partialFilterExpression=IS_PUBLIC)
        await self.collection.create_index(BY_FILING, partialFilterExpression=IS_PUBLIC)
        await self.collection.create_index(BY_CHANGE)
        await drop_indexes(self.collection, "changed_at_1")

    async def named(self, public_ids: Collection[str], services: Collection[str]) -> list[Request]:
        """The published requests of these services with these ids."""
        ids = {"$in": [str(public_id) for public_id in public_ids], **IS_PUBLIC["public_id"]}
        found = await self.collection.find({"public_id": ids, "service": _among(services)}, LINES).to_list(None)
        return [Request.of(document) for document in found]

    async def page(self, query: PublicQuery, services: Collection[str], before: Position | None) -> list[Request]:
        """A page of published requests of these services, newest first, after the position; and the one after it."""
        condition: Document = {**IS_PUBLIC, "service": _among(services)}
        if query.status is not None:
            condition["state"] = _among(OPEN if query.status == "open" else CLOSED)
        times = {"$gte": query.since, "$lt": query.until}
        if bounds := {name: at for name, at in times.items() if at is not None}:
            condition["submitted_at"] = bounds
        if before is not None:
            at, public_id = before
            condition["$or"] = [
                {"submitted_at": {"$lt": at}},
                {"submitted_at": at, "public_id": {"$gt": str(public_id), "$type": "string"}},
            ]
        with listing():  # the server would choose an index of services, and sort all that it finds
            found = self.collection.find(condition, LINES).hint(BY_FILING).sort(BY_FILING)
            documents = await found.skip(query.skip).limit(query.limit + 1).to_list(None)
        return [Request.of(document) for document in documents]

    async def steps(
        self, services: Collection[str], actions: Collection[str], since: datetime, until: datetime, limit: int
    ) -> list[PublicStep]:
        """Steps of published requests that were noted from `since` and before `until`, in order."""
        noted = {"history.noted_at": {"$gte": since, "$lt": until}, "history.action": _among(actions)}
        shown: dict[str, Any] = {f"history.{name}": 1 for name in ENTRY}
        pipeline: list[dict[str, Any]] = [
            {"$match": {**IS_PUBLIC, "changed_at": {"$gte": since}, "service": _among(services)}},
            {"$project": {"public_id": 1, "service": 1, **shown}},
            {"$unwind": "$history"},
            {"$match": noted},
            {"$sort": {"history.noted_at": ASCENDING, "public_id": ASCENDING, "history.n": ASCENDING}},
            {"$limit": limit},
        ]
        with listing():
            found = await self.collection.aggregate(pipeline, hint=dict(BY_CHANGE)).to_list(None)
        return [PublicStep(one["public_id"], one["service"], one["history"]) for one in found]


class PartnerStore:
    """`requests.partners`."""

    def __init__(self, database: Database) -> None:
        self.collection = database["partners"]

    async def create_indexes(self) -> None:
        """By the hash of the key, and of the key before."""
        await self.collection.create_index([("key_hash", ASCENDING)], unique=True)
        before = {"old_key_hash": {"$type": "string"}}
        await self.collection.create_index([("old_key_hash", ASCENDING)], partialFilterExpression=before)

    async def all(self) -> Sequence[Partner]:
        """All partners, ordered by code."""
        found = await self.collection.find().sort("_id", ASCENDING).to_list(None)
        return [_partner(document) for document in found]

    async def by_key(self, key_hash: str, now: datetime) -> Partner | None:
        """The partner with this key, unless it has ended."""
        keys = [{"key_hash": str(key_hash)}, {"old_key_hash": str(key_hash), "old_until": {"$gt": now}}]
        found = await self.collection.find_one({"$or": keys, "ended_at": None})
        return _partner(found) if found else None

    async def insert(self, partner: Partner) -> bool:
        """Store a new partner; False if there is one with its code."""
        document = asdict(partner)
        try:
            await self.collection.insert_one({"_id": document.pop("id"), **document})
        except DuplicateKeyError:
            return False
        return True

    async def set(self, code: str, **fields: Any) -> Partner | None:
        """The partner after these fields were changed; None if there is none."""
        change = [{"$set": fields}]
        found = await self.collection.find_one_and_update({"_id": str(code)}, change, return_document=True)
        return _partner(found) if found else None

    async def set_key(self, code: str, key_hash: str, now: datetime, old_until: datetime | None) -> Partner | None:
        """The partner with a new key; the one before is valid until `old_until`, or ends, as do older ones."""
        old = "$key_hash" if old_until else None
        new = {"key_hash": key_hash, "key_at": now, "ended_at": None}
        return await self.set(code, **new, old_key_hash=old, old_until=old_until)


def _partner(document: Document) -> Partner:
    return Partner(id=document["_id"], **known_fields(Partner, document))


def _among(values: Any) -> Document:
    return {"$in": [str(value) for value in values]}
