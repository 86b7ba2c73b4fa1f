"""`routing.assignments`: its indexes, and what the clocks, estimates and the broker's side ask of it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.routing.models.assignment import APPEAL, RUNNING, Assignment, AssignmentState
from services.routing.models.worklist import GOING_ON
from services.routing.store.indexes import (
    CHANGES,
    CLOCKS,
    DUE_SOONEST,
    HIDDEN,
    MARKED_LATE,
    NEWEST,
    list_index,
)
from shared.events import RequestReopened, RequestRouted
from shared.mongo import RecordStore, drop_indexes
from shared.paging import Position

MAX_REPLIES = 2000
BRINGING = [RequestRouted.type, RequestReopened.type]
"""Events with which a department's work begins."""
BROUGHT = {"$filter": {"input": "$events", "cond": {"$in": ["$$this.type", BRINGING]}}}
RESOLVED = {"$type": "date"}
PAST_FIELDS = ("kind", "department", "routed_at")
DONE_FIELDS = {"_id": 0, "department": 1, "routed_at": 1, "resolved_at": 1}


@dataclass(frozen=True)
class Done:
    """A resolved request: its department, and when it was routed and resolved."""

    department: str
    since: datetime
    until: datetime


DueAssignment = tuple[Position, Assignment | None]
"""The place of an assignment whose clock has a step to take, and the assignment; None if it cannot be read."""


def due_assignment(document: Mapping[str, Any]) -> DueAssignment:
    """A stored document as a due assignment."""
    place = document["clock_at"], str(document["_id"])
    try:
        return place, Assignment.of(document)
    except (KeyError, TypeError, ValueError):
        return place, None


class AssignmentStore(RecordStore[Assignment]):
    """`routing.assignments`."""

    kind = Assignment

    async def create_indexes(self) -> None:
        """One index for each order of a department's list, and one that holds how long each service took."""
        await super().create_indexes()
        for order in (DUE_SOONEST, NEWEST):
            await self.collection.create_index(list_index(order))
        await self.collection.create_index(CHANGES)
        await self.collection.create_index(HIDDEN, partialFilterExpression={"hidden_from": {"$type": "string"}})
        await drop_indexes(self.collection, "department_1_changed_at_1__id_1")  # of earlier versions, which held less
        await self.collection.create_index(MARKED_LATE, partialFilterExpression={"overdue_at": {"$type": "date"}})
        await self.collection.create_index(CLOCKS, partialFilterExpression={"clock_at": {"$type": "date"}})
        await self.collection.create_index(
            [("service", ASCENDING), ("resolved_at", DESCENDING), *((name, ASCENDING) for name in PAST_FIELDS)],
            partialFilterExpression={"resolved_at": RESOLVED},
        )
        await self.collection.create_index(
            [("department", ASCENDING), ("reply_print", ASCENDING), ("replied_at", ASCENDING)],
            partialFilterExpression={"reply_print": {"$type": "string"}},
        )

    async def clocks_due(self, now: datetime, after: Position | None, limit: int) -> list[DueAssignment]:
        """Assignments whose clocks have a step to take, oldest first, after a place (time, number)."""
        query: dict[str, Any] = {"clock_at": {"$type": "date", "$lte": now}}
        if after is not None:
            at, number = after
            query = {
                "clock_at": {"$type": "date", "$gte": at, "$lte": now},
                "$nor": [{"clock_at": at, "_id": {"$lte": number}}],
            }
        found = await self.collection.find(query, {"events": 0}).sort(CLOCKS).limit(limit).hint(CLOCKS).to_list(None)
        return [due_assignment(document) for document in found]

    async def start_clocks(self, departments: Collection[str]) -> None:
        """Start the clocks of open assignments that are older than clocks; the sweep does the rest."""
        at = {"department": {"$in": list(departments)}, "state": {"$in": names_of(RUNNING)}}
        old = {**at, "due_at": {"$type": "date"}, "clock_at": {"$exists": False}, "levels": {"$exists": False}}
        await self.collection.update_many(old, [{"$set": {"clock_at": "$due_at"}}], hint=dict(list_index(DUE_SOONEST)))

    async def done(self, service: str, since: datetime, limit: int) -> list[Done]:
        """The resolved requests of a service since then, latest first, without appeals; read from the index alone."""
        found = self.collection.find(done_query(service, since), DONE_FIELDS).sort("resolved_at", DESCENDING)
        return [
            Done(document["department"], document["routed_at"], document["resolved_at"])
            for document in await found.limit(limit).to_list(None)
            if document["department"] and document["routed_at"]
        ]

    async def reply_prints(self, pairs: set[tuple[str, str]], within: timedelta) -> list[tuple[str, str, str]]:
        """(department, fingerprint, number) of recent replies with these departments and fingerprints."""
        query = {
            "department": {"$in": sorted({department for department, _ in pairs})},
            "reply_print": {"$in": sorted({fingerprint for _, fingerprint in pairs}), "$type": "string"},
            "replied_at": {"$gte": self.clock.now() - within},
        }
        found = await self.collection.find(query, {"department": 1, "reply_print": 1}).limit(MAX_REPLIES).to_list(None)
        rows = [(document["department"], document["reply_print"], document["_id"]) for document in found]
        return [row for row in rows if row[:2] in pairs]

    async def unanswered(self, department: str, limit: int) -> list[str]:
        """Numbers of a department's assignments that it has not acted on, and may not have received."""
        query = {"department": str(department), "state": {"$in": ["routed", "reopened"]}}
        found = await self.collection.find(query, {"_id": 1}).limit(limit).to_list(None)
        return [document["_id"] for document in found]

    async def open_at(self, department: str, numbers: Collection[str]) -> set[str]:
        """Those of the numbers whose request is at the department now and not closed."""
        query = {"_id": {"$in": sorted(numbers)}, "department": str(department), "state": {"$in": names_of(GOING_ON)}}
        found = await self.collection.find(query, {"_id": 1}).to_list(None)
        return {document["_id"] for document in found}

    async def relay_again(self, numbers: list[str]) -> None:
        """Have the event that brought each to its department, and all later ones, published again with the same ids."""
        last = {"$max": {"$map": {"input": BROUGHT, "in": "$$this.seq"}}}
        await self.collection.update_many(
            {"_id": {"$in": numbers}, "events.queue": {"$exists": True}},
            [{"$set": {"sent": {"$min": ["$sent", {"$subtract": [last, 1]}]}, "relay_after": "$$NOW"}}],
        )


def done_query(service: str, since: datetime) -> dict[str, object]:
    """The query for what was resolved of a service since then; appeals have a time of their own."""
    return {"service": str(service), "resolved_at": {**RESOLVED, "$gte": since}, "kind": {"$ne": APPEAL}}


def names_of(states: Sequence[AssignmentState]) -> list[str]:
    """States as they are stored."""
    return [str(state) for state in states]
