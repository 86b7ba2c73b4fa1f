"""The only module of this service that knows MongoDB: indexes and queries of its three collections."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pymongo import ASCENDING, DESCENDING

from services.routing.models.assignment import APPEAL, OPEN, Assignment
from services.routing.models.directory import Department, ServiceCopy
from shared.mongo import RecordStore, listing


@dataclass(frozen=True)
class Done:
    """A request that was resolved: where, and from when to when it took."""

    department: str
    since: datetime
    until: datetime


class AssignmentStore(RecordStore[Assignment]):
    """`routing.assignments`."""

    kind = Assignment

    async def create_indexes(self) -> None:
        """One index for a department's list, due soonest first; one that holds how long each service took."""
        await super().create_indexes()
        await self.collection.create_index(
            [("department", ASCENDING), ("state", ASCENDING), ("due_at", ASCENDING), ("_id", ASCENDING)]
        )
        await self.collection.create_index(
            [("service", ASCENDING), ("resolved_at", DESCENDING), *((name, ASCENDING) for name in PAST_FIELDS)],
            partialFilterExpression={"resolved_at": RESOLVED},
        )
        await self.collection.create_index(
            [("department", ASCENDING), ("reply_print", ASCENDING), ("replied_at", ASCENDING)],
            partialFilterExpression={"reply_print": {"$type": "string"}},
        )

    async def of_department(
        self, department: str, *, states: list[str], after: tuple[datetime, str] | None, limit: int
    ) -> list[Assignment]:
        """A department's assignments in some states, due soonest first, after the cursor (due_at, number)."""
        query = department_query(department, states or [str(state) for state in OPEN], after)
        order = [("due_at", ASCENDING), ("_id", ASCENDING)]
        with listing():
            return [Assignment.of(d) for d in await self.collection.find(query).sort(order).limit(limit).to_list(None)]

    async def done(self, service: str, since: datetime, limit: int) -> list[Done]:
        """What was resolved of a service since then, the latest first, without appeals; from the index alone."""
        found = self.collection.find(done_query(service, since), DONE_FIELDS).sort("resolved_at", DESCENDING)
        return [
            Done(document["department"], document["routed_at"], document["resolved_at"])
            for document in await found.limit(limit).to_list(None)
            if document["department"] and document["routed_at"]
        ]

    async def reply_prints(self, pairs: set[tuple[str, str]], within: timedelta) -> list[tuple[str, str, str]]:
        """(department, fingerprint, number) of replies given lately, by departments and fingerprints."""
        query = {
            "department": {"$in": sorted({department for department, _ in pairs})},
            "reply_print": {"$in": sorted({fingerprint for _, fingerprint in pairs}), "$type": "string"},
            "replied_at": {"$gte": self.clock.now() - within},
        }
        found = await self.collection.find(query, {"department": 1, "reply_print": 1}).limit(MOST_REPLIES).to_list(None)
        rows = [(document["department"], document["reply_print"], document["_id"]) for document in found]
        return [row for row in rows if row[:2] in pairs]

    async def unanswered(self, department: str, limit: int) -> list[str]:
        """Numbers of a department's assignments that it has shown no sign of having received."""
        query = {"department": str(department), "state": {"$in": ["routed", "reopened"]}}
        found = await self.collection.find(query, {"_id": 1}).limit(limit).to_list(None)
        return [document["_id"] for document in found]

    async def relay_again(self, numbers: list[str]) -> None:
        """Have the last event that went to a department queue (and those after it) published again, same ids."""
        last = {"$max": {"$map": {"input": TO_QUEUE, "in": "$$this.seq"}}}
        await self.collection.update_many(
            {"_id": {"$in": numbers}, "events.queue": {"$exists": True}},
            [{"$set": {"sent": {"$min": ["$sent", {"$subtract": [last, 1]}]}, "relay_after": "$$NOW"}}],
        )


MOST_REPLIES = 2000
TO_QUEUE = {"$filter": {"input": "$events", "cond": {"$gt": ["$$this.queue", None]}}}


RESOLVED = {"$type": "date"}
PAST_FIELDS = ("kind", "department", "routed_at")
DONE_FIELDS = {"_id": 0, "department": 1, "routed_at": 1, "resolved_at": 1}


def department_query(department: str, states: list[str], after: tuple[datetime, str] | None) -> dict[str, object]:
    """The query for a department's list."""
    query: dict[str, object] = {"department": str(department), "state": {"$in": [str(state) for state in states]}}
    if after is not None:
        at, number = after
        query["$or"] = [{"due_at": {"$gt": at}}, {"due_at": at, "_id": {"$gt": str(number)}}]
    return query


def done_query(service: str, since: datetime) -> dict[str, object]:
    """The query for what was resolved of a service since then; appeals have a time of their own."""
    return {"service": str(service), "resolved_at": {**RESOLVED, "$gte": since}, "kind": {"$ne": APPEAL}}


class DepartmentStore(RecordStore[Department]):
    """`routing.departments`."""

    kind = Department

    async def all(self) -> list[Department]:
        """Every department."""
        return [Department.of(document) for document in await self.collection.find({}).sort("_id").to_list(None)]


class ServiceStore(RecordStore[ServiceCopy]):
    """`routing.services`."""

    kind = ServiceCopy

    async def all(self) -> list[ServiceCopy]:
        """Every service that routing has heard of."""
        return [ServiceCopy.of(document) for document in await self.collection.find({}).to_list(None)]
