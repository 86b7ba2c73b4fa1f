"""`requests.requests`: indexes and queries."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import structlog
from pymongo import ASCENDING, DESCENDING

from services.requests.request.models import chain
from services.requests.request.models.lifecycle import AT_DEPARTMENT, State
from services.requests.request.models.listing import RequestFilter
from services.requests.request.models.request import Request
from shared.mongo import RecordStore, ServerClock, drop_indexes, index_where, listing, text
from shared.mongo.client import Collection, Document
from shared.paging import Position
from shared.seal import KeyRing

IDEMPOTENCY_INDEX = "citizen_id+idempotency_key"
CLERK_INDEX = "filed_by+idempotency_key"
ACTIVE_INDEX = "citizen_id+active_service"
CLOCK_RUNS = {"clock_at": {"$type": "date"}}
ATTACHMENT_INDEX = "attachments.id"
OVERLAP = timedelta(seconds=2)
NEWEST_FIRST = [("submitted_at", DESCENDING), ("_id", ASCENDING)]
OWN = [("citizen_id", ASCENDING), *NEWEST_FIRST]
BY_CHANGE = [("changed_at", ASCENDING), ("_id", ASCENDING), ("public_id", ASCENDING)]
"""All requests, and of these the published ones."""

LINES = dict.fromkeys(("events", "history", "sealed_answers"), 0)
TEXTS = {"events": 0}

log = structlog.get_logger(__name__)


class RequestStore(RecordStore[Request]):
    """`requests.requests`. Every write seals the history (`models/chain.py`)."""

    kind = Request

    def __init__(
        self, collection: Collection, clock: ServerClock, *, keys: KeyRing, lease: float, settle_after: float
    ) -> None:
        super().__init__(collection, clock, lease=lease, settle_after=settle_after)
        self._keys = keys

    async def insert_many(self, records: Sequence[Request]) -> list[str | None]:
        """Insert new requests; for each None if it is durable, else the unique index that it violates."""
        self._seal(records)
        return await super().insert_many(records)

    async def save_many(self, records: Sequence[Request]) -> set[str]:
        """Write each request whose revision is still the stored one; returns the ids that lost the race."""
        self._seal(records)
        return await super().save_many(records)

    async def save_together(self, records: Sequence[Request]) -> bool:
        """Write all of these, or none if another writer was faster with any; whether they were written."""
        self._seal(records)
        return await super().save_together(records)

    def _seal(self, records: Sequence[Request]) -> None:
        """Seal each history, unless its stored seal is broken: tampering must stay visible."""
        for record in records:
            was = record.stored
            if was and was.get("history_seal", "") != chain.seal(self._keys, record.id, was.get("history", [])):
                log.error("history.seal_broken", request=record.id)
                continue
            record.history_seal = chain.seal(self._keys, record.id, record.history)

    async def create_indexes(self) -> None:
        """Unique keys, and one index for each query."""
        await super().create_indexes()
        await self.collection.create_index(
            [("citizen_id", ASCENDING), ("idempotency_key", ASCENDING)],
            unique=True,
            partialFilterExpression={"idempotency_key": {"$type": "string"}},
        )
        await self.collection.create_index(
            [("filed_by", ASCENDING), ("idempotency_key", ASCENDING)],
            unique=True,
            partialFilterExpression={"filed_by": {"$type": "string"}, "idempotency_key": {"$gt": ""}},
        )
        await self.collection.create_index(
            [("citizen_id", ASCENDING), ("active_service", ASCENDING)],
            unique=True,
            partialFilterExpression={"active_service": {"$type": "string"}},
        )
        await self.collection.create_index(OWN)
        await drop_indexes(self.collection, "citizen_id_1_changed_at_1", "followers.citizen_id_1_changed_at_1")
        await index_where(self.collection, "intended", "string", ("submitted_at", ASCENDING), ("_id", ASCENDING))
        await index_where(self.collection, "appeal_of", "string", unique=True)
        await index_where(self.collection, "clock_at", "date")
        await self.collection.create_index(
            [("attachments.id", ASCENDING)], unique=True, partialFilterExpression={"attachments.id": {"$exists": True}}
        )
        await index_where(self.collection, "discarded", "string")

    async def seen(
        self, number: str, attachment_id: str | None = None, *, reader: str = "", **sight: str
    ) -> Request | None:
        """The request if it has these fields (the caller's `sight`), and that file if one is named.

        `reader`: an officer, from whom it must not be hidden.
        """
        query: Document = {"_id": str(number), **{name: str(value) for name, value in sight.items()}}
        if reader:
            query["hidden_from"] = {"$ne": str(reader)}
        if attachment_id is not None:
            query["attachments.id"] = str(attachment_id)
        return await self.first(query)

    async def naming(self, attachment_id: str) -> str | None:
        """The number of the request that has a file."""
        document = await self.collection.find_one({"attachments.id": str(attachment_id)}, {"_id": 1})
        return str(document["_id"]) if document else None

    async def discarding(self, limit: int) -> list[Request]:
        """Requests with files to delete."""
        return await self.find({"discarded": {"$type": "string"}}, limit=limit)

    async def by_key(self, citizen_id: str, key: str) -> Request | None:
        """The request that a citizen filed with an Idempotency-Key."""
        return await self.first({"citizen_id": str(citizen_id), "idempotency_key": str(key)})

    async def by_clerk_key(self, clerk_id: str, key: str) -> Request | None:
        """The request that a clerk filed with an Idempotency-Key."""
        return await self.first({"filed_by": text(clerk_id), "idempotency_key": str(key)})

    async def active(self, citizen_id: str, service: str) -> Request | None:
        """The citizen's active request for a service that allows only one."""
        return await self.first({"citizen_id": str(citizen_id), "active_service": str(service)})

    async def own(
        self,
        citizen_id: str,
        wanted: RequestFilter,
        *,
        before: Position | None,
        limit: int,
        fields: Mapping[str, int] = LINES,
    ) -> list[Request]:
        """A citizen's requests that match the filter, newest first, after the cursor (submitted_at, number).

        `fields`: `LINES` leaves out what a list does not show, `TEXTS` keeps all texts.
        """
        found = self.collection.find(own_query(citizen_id, wanted, before), fields).limit(limit)
        if wanted.number is None:  # else there is one at most
            found = found.sort(NEWEST_FIRST)
        with listing():
            return [Request.of(document) for document in await found.to_list(None)]

    async def of_citizen(self, citizen_id: str, limit: int) -> list[Request]:
        """Some requests of a citizen, in any order."""
        return await self.find({"citizen_id": str(citizen_id)}, limit=limit)

    async def at_departments(self, citizen_id: str) -> list[Request]:
        """The requests of a citizen that a department has now."""
        states = [str(state) for state in (*AT_DEPARTMENT, State.RESOLVED, State.UNDER_APPEAL)]
        return await self.find({"citizen_id": str(citizen_id), "state": {"$in": states}})

    async def followed_by(self, citizen_id: str, limit: int) -> list[Request]:
        """Some requests that a citizen follows, in any order."""
        return await self.find({"followers.citizen_id": str(citizen_id)}, limit=limit)

    async def changed_since(self, citizen_id: str, since: datetime, limit: int) -> list[Request]:
        """Requests that a citizen filed or follows and that changed since shortly before then, in order of change.

        A citizen has few requests, so these are searched; an index by change would cost every write of a request.
        """
        changed = {"changed_at": {"$gte": since - OVERLAP}}
        own = self.collection.find({"citizen_id": str(citizen_id), **changed}).hint(OWN)
        followed = self.collection.find({"followers.citizen_id": str(citizen_id), **changed})
        found: dict[str, Document] = {}
        for cursor in (own, followed):
            first = await cursor.sort("changed_at", ASCENDING).limit(limit).to_list(None)
            found |= {document["_id"]: document for document in first}
        in_order = sorted(found.values(), key=lambda document: document["changed_at"])
        return [Request.of(document) for document in in_order[:limit]]

    async def unverified(self, department: str, *, after: Position | None, limit: int) -> list[Request]:
        """Held-up requests that would go to a department, oldest first, after the cursor."""
        query: Document = {"intended": text(department)}
        if after is not None:
            at, number = after
            query["$or"] = [{"submitted_at": {"$gt": at}}, {"submitted_at": at, "_id": {"$gt": str(number)}}]
        with listing():
            return await self.find(query, sort=[("submitted_at", ASCENDING), ("_id", ASCENDING)], limit=limit)

    def due(self) -> dict[str, object]:
        """The query for requests with a due clock, by this process's estimate of the server's time."""
        return {"clock_at": {**CLOCK_RUNS["clock_at"], "$lt": self.clock.now()}}

    async def claim_due(self, limit: int, lease: float) -> list[Request]:
        """Requests with a due clock, longest due first, leased to the caller for some seconds.

        The clock itself is the lease: it is moved on, and the process that takes the step sets it again.
        """
        found = (
            await self.collection.find(self.due(), {"_id": 1}).sort("clock_at", ASCENDING).limit(limit).to_list(None)
        )
        if not found:
            return []
        ids, token = [document["_id"] for document in found], secrets.token_hex(6)
        still = {"_id": {"$in": ids}, **CLOCK_RUNS, "$expr": {"$lt": ["$clock_at", "$$NOW"]}}
        until = {"$add": ["$$NOW", int(lease * 1000)]}
        await self.collection.update_many(still, [{"$set": {"clock_at": until, "clock_token": token}}])
        # A request whose citizen acted meanwhile has another clock, or none, and is not due.
        leased = {"clock_token": token, **CLOCK_RUNS, "$expr": {"$lte": ["$clock_at", until]}}
        return await self.find({"_id": {"$in": ids}, **leased})


def own_query(citizen_id: str, wanted: RequestFilter, before: Position | None) -> Document:
    """The query of a citizen's list, which the index answers in order."""
    query: Document = {"citizen_id": str(citizen_id)}
    if wanted.states is not None:
        query["state"] = {"$in": [str(state) for state in wanted.states]}
    for name in ("service", "kind"):
        if (value := getattr(wanted, name)) is not None:
            query[name] = str(value)
    if wanted.number is not None:
        query["_id"] = str(wanted.number)
    times = {"$gte": wanted.since, "$lt": wanted.until}
    if bounds := {name: at for name, at in times.items() if at is not None}:
        query["submitted_at"] = bounds
    return query | older_than(before)


def older_than(position: Position | None) -> Document:
    """The condition for the page after this position, newest first; empty for the first page."""
    if position is None:
        return {}
    at, number = position
    return {"$or": [{"submitted_at": {"$lt": at}}, {"submitted_at": at, "_id": {"$gt": str(number)}}]}
