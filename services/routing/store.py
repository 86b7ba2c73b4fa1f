"""The only module of this service that knows MongoDB: indexes and queries of its three collections."""

from datetime import datetime

from pymongo import ASCENDING

from services.routing.models.assignment import OPEN, Assignment
from services.routing.models.directory import Department, ServiceCopy
from shared.mongo import RecordStore


class AssignmentStore(RecordStore[Assignment]):
    """`routing.assignments`."""

    kind = Assignment

    async def create_indexes(self) -> None:
        """One index for a department's list, due soonest first."""
        await super().create_indexes()
        await self.collection.create_index(
            [("department", ASCENDING), ("state", ASCENDING), ("due_at", ASCENDING), ("_id", ASCENDING)]
        )

    async def of_department(
        self, department: str, *, states: list[str], after: tuple[datetime, str] | None, limit: int
    ) -> list[Assignment]:
        """A department's assignments in some states, due soonest first, after the cursor (due_at, number)."""
        query: dict[str, object] = {
            "department": str(department),
            "state": {"$in": [str(state) for state in states or OPEN]},
        }
        if after is not None:
            at, number = after
            query["$or"] = [{"due_at": {"$gt": at}}, {"due_at": at, "_id": {"$gt": str(number)}}]
        order = [("due_at", ASCENDING), ("_id", ASCENDING)]
        return [Assignment.of(d) for d in await self.collection.find(query).sort(order).limit(limit).to_list(None)]

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


TO_QUEUE = {"$filter": {"input": "$events", "cond": {"$gt": ["$$this.queue", None]}}}


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
