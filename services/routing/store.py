"""The only module of the kernel that knows MongoDB: indexes and queries of its collections."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.routing.models.assignment import APPEAL, OPEN, RUNNING, Assignment, AssignmentState
from services.routing.models.clock import DUE_SOON, HEAD, MAX_INTERIM_REPLIES, ORGANISATION
from services.routing.models.colleague import StaffCopy
from services.routing.models.directory import DepartmentRecord, ServiceCopy
from services.routing.models.worklist import GOING_ON, LATE_FOR, NEW, NOBODY, Order, WorklistFilter
from shared.events import RequestReopened, RequestRouted
from shared.mongo import RecordStore, listing


@dataclass(frozen=True)
class Done:
    """A resolved request: its department, and when it was routed and resolved."""

    department: str
    since: datetime
    until: datetime


@dataclass(frozen=True)
class DueAssignment:
    """An assignment whose clock has a step to take, and its place in their order; None if it cannot be read."""

    place: tuple[datetime, str]
    assignment: Assignment | None


def due_assignment(document: Mapping[str, Any]) -> DueAssignment:
    """A stored document as a due assignment."""
    place = document["clock_at"], str(document["_id"])
    try:
        return DueAssignment(place, Assignment.of(document))
    except (KeyError, TypeError, ValueError):
        return DueAssignment(place, None)


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
        if (narrower := index_name(OLD_CHANGES)) in await self.collection.index_information():
            await self.collection.drop_index(narrower)
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

    async def clocks_due(self, now: datetime, after: tuple[datetime, str] | None, limit: int) -> list[DueAssignment]:
        """Assignments whose clocks have a step to take, oldest first, after a place (time, number)."""
        query: dict[str, Any] = {"clock_at": {"$type": "date", "$lte": now}}
        if after is not None:
            at, number = after
            query = {"clock_at": {"$type": "date", "$gte": at, "$lte": now}, "$nor": [_up_to(at, number)]}
        found = await self.collection.find(query, {"events": 0}).sort(CLOCKS).limit(limit).hint(CLOCKS).to_list(None)
        return [due_assignment(document) for document in found]

    async def start_clocks(self, departments: Collection[str]) -> None:
        """Start the clocks of open assignments that are older than clocks; the sweep does the rest."""
        at = {"department": {"$in": list(departments)}, "state": {"$in": names_of(RUNNING)}}
        old = {**at, "due_at": {"$type": "date"}, "clock_at": {"$exists": False}, "levels": {"$exists": False}}
        await self.collection.update_many(old, [{"$set": {"clock_at": "$due_at"}}], hint=dict(list_index(DUE_SOONEST)))

    async def of_department(
        self, department: str, wanted: WorklistFilter, *, after: tuple[datetime, str] | None, limit: int
    ) -> list[Assignment]:
        """Those of a department's assignments that are wanted, in their order, after the cursor (time, number)."""
        query = department_query(department, wanted, self.clock.now(), after)
        found = self.collection.find(query, LINES).sort(ORDERS[wanted.order]).limit(limit)
        if not wanted.numbers:  # which are looked up by themselves
            found = found.hint(index_for(wanted))
        with listing():
            return [Assignment.of(document) for document in await found.to_list(None)]

    async def count(self, department: str, wanted: WorklistFilter, limit: int) -> int:
        """How many of a department's assignments are wanted; counting stops at `limit`."""
        query = department_query(department, wanted, self.clock.now(), None)
        with listing():
            if wanted.numbers:
                return await self.collection.count_documents(query, limit=limit)
            hint = index_for(replace(wanted, order="unchanged" if wanted.changed_since else "due"))
            return await self.collection.count_documents(query, limit=limit, hint=hint)

    async def changed_after(
        self, department: str, place: tuple[datetime, str], limit: int, reader: str = ""
    ) -> list[Assignment]:
        """What changed at a department after a place (time, number), oldest first; each with its last step alone."""
        at, number = place
        later = {"changed_at": {"$gte": at}, "$nor": [{"changed_at": at, "_id": {"$lte": str(number)}}]}
        return await self._changed(department, later | not_hidden_from(reader), CHANGED, limit)

    async def changed_shortly_before(
        self, department: str, place: tuple[datetime, str], reader: str = ""
    ) -> list[Assignment]:
        """What changed shortly before a place (time, number) and may have become visible only now.

        The assignment of the place itself is left out.
        """
        at, number = place
        before = {
            "changed_at": {"$gte": at - OVERLAP, "$lte": at},
            "$nor": [{"changed_at": at, "_id": {"$gte": str(number)}}],
        }
        return (await self._changed(department, before | not_hidden_from(reader), CHANGED_LAST, MAX_AGAIN))[::-1]

    async def _changed(
        self, department: str, when: dict[str, Any], order: Sequence[tuple[str, int]], limit: int
    ) -> list[Assignment]:
        found = self.collection.find({"department": str(department), **when}, CHANGE).sort(order).limit(limit)
        with listing():
            return [Assignment.of(document) for document in await found.hint(CHANGES).to_list(None)]

    async def tallied(self, department: str, by: Sequence[str], account: str) -> list[dict[str, Any]]:
        """How much a department has of what is not closed, by each combination of the fields `by`: `sums_of`.

        Read from the index alone: `by` may only name fields that are in it.
        """
        now = self.clock.now()
        here: dict[str, Any] = {"department": str(department), "state": {"$in": names_of(GOING_ON)}}
        if account and await self.hides_any(department, account):  # else the index alone has all that is read
            here |= not_hidden_from(account)
        counts = {name: {"$sum": {"$cond": [holds, 1, 0]}} for name, holds in sums_of(now, account).items()}
        pipeline: list[dict[str, Any]] = [
            {"$match": here},
            {"$group": {"_id": {name: f"${name}" for name in by}, "all": {"$sum": 1}, **counts}},
        ]
        with listing():
            found = await self.collection.aggregate(pipeline, hint=dict(list_index(DUE_SOONEST))).to_list(None)
        return [{**document.pop("_id"), **document} for document in found]

    async def done_lately(self, department: str) -> list[dict[str, Any]]:
        """How many of a department's requests were resolved lately, and how many replies were copied, by officer.

        Read from the index alone. What was disputed and reopened is not done.
        """
        now = self.clock.now()
        month, week = now - timedelta(days=30), now - timedelta(days=7)
        here = {"department": str(department), "changed_at": {"$gte": month}, "state": {"$in": names_of(DONE)}}
        sums = {
            "resolved_7": {"$sum": {"$cond": [{"$gte": ["$resolved_at", week]}, 1, 0]}},
            "resolved_30": {"$sum": 1},
            "copied_30": {"$sum": {"$cond": ["$copied", 1, 0]}},
        }
        pipeline: list[dict[str, Any]] = [
            {"$match": {**here, "resolved_at": {"$gte": month}}},
            {"$group": {"_id": "$taken_by", **sums}},
        ]
        with listing():
            found = await self.collection.aggregate(pipeline, hint=dict(CHANGES)).to_list(None)
        return [{"taken_by": document.pop("_id"), **document} for document in found]

    async def hides_any(self, department: str, account: str) -> bool:
        """Whether an assignment of the department is hidden from an account."""
        query = {"hidden_from": str(account), "department": str(department)}
        with listing():
            return await self.collection.find_one(query, {"_id": 1}, hint=HIDDEN) is not None

    async def marked_late(self, department: str) -> dict[str, int]:
        """How many late assignments of a department each official has, and how many owe the citizen a new date."""
        at = {"department": str(department), "state": {"$in": names_of(RUNNING)}, "overdue_at": {"$type": "date"}}
        wanted = {
            "escalated_to_head": {"escalated_to": HEAD},
            "escalated_to_organisation": {"escalated_to": ORGANISATION},
            "owes_new_date": new_date_owed(self.clock.now()),
        }
        with listing():
            return {
                name: await self.collection.count_documents({**at, **more}, hint=MARKED_LATE)
                for name, more in wanted.items()
            }

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


DONE = (AssignmentState.RESOLVED, AssignmentState.UNDER_APPEAL, AssignmentState.CLOSED)
MAX_REPLIES = 2000
OVERLAP = timedelta(seconds=2)
"""How long it takes at most until a change can be read, after the time that it bears."""
MAX_AGAIN = 500
MARKED_LATE = [("department", ASCENDING), ("state", ASCENDING), ("overdue_at", ASCENDING)]
HIDDEN = [("hidden_from", ASCENDING), ("department", ASCENDING)]
CLOCKS = [("clock_at", ASCENDING), ("_id", ASCENDING)]
CHANGED = [("changed_at", ASCENDING), ("_id", ASCENDING)]
CHANGED_LAST = [("changed_at", DESCENDING), ("_id", DESCENDING)]
OLD_CHANGES = [("department", ASCENDING), *CHANGED]
"""The index of earlier versions, which held less."""
CHANGE: dict[str, Any] = {
    **dict.fromkeys(("rev", "seq", "state", "service", "kind", "district", "for_head", "changed_at"), 1),
    "history": {"$slice": -1},
}
"""What is read of a change."""
DUE_SOONEST = [("due_at", ASCENDING), ("_id", ASCENDING)]
NEWEST = [("routed_at", DESCENDING), ("_id", ASCENDING)]
ORDERS: dict[Order, list[tuple[str, int]]] = {
    "due": DUE_SOONEST,
    "newest": NEWEST,
    "changed": CHANGED_LAST,
    "unchanged": CHANGED,
}
ASKED = ("due_at", "service", "district", "kind", "for_head", "taken_by")
CHANGES = [*OLD_CHANGES, *((name, ASCENDING) for name in ("state", *ASKED, "resolved_at", "copied"))]
"""Holds what is asked of a list, and what `done_lately` counts."""
LINES = dict.fromkeys(("events", "history", "notes", "acts", "act_contents", "facts"), 0)
"""Fields that no line shows, and that make documents large."""
BRINGING = [RequestRouted.type, RequestReopened.type]
"""Events with which a department's work begins."""
BROUGHT = {"$filter": {"input": "$events", "cond": {"$in": ["$$this.type", BRINGING]}}}


RESOLVED = {"$type": "date"}
PAST_FIELDS = ("kind", "department", "routed_at")
DONE_FIELDS = {"_id": 0, "department": 1, "routed_at": 1, "resolved_at": 1}


def _up_to(at: datetime, number: str) -> dict[str, Any]:
    """What comes at the same time and not after that number."""
    return {"clock_at": at, "_id": {"$lte": str(number)}}


def index_for(wanted: WorklistFilter) -> list[tuple[str, int]]:
    """The index that a list is read from.

    Of a list by changes that has only what is not closed, the few are sorted in memory: in the index of changes they
    stand among all that a department ever closed.
    """
    if wanted.order not in ("changed", "unchanged"):
        return list_index(ORDERS[wanted.order])
    closed = AssignmentState.CLOSED in wanted.states
    return CHANGES if closed or wanted.changed_since else list_index(DUE_SOONEST)


def index_name(index: Sequence[tuple[str, int]]) -> str:
    """The name that MongoDB gives an index."""
    return "_".join(f"{name}_{direction}" for name, direction in index)


def list_index(order: Sequence[tuple[str, int]]) -> list[tuple[str, int]]:
    """The index of a department's list in an order; it holds what may be asked for, so that the rest is not read."""
    asked = [(name, ASCENDING) for name in ASKED if name not in dict(order)]
    return [("department", ASCENDING), ("state", ASCENDING), *order, *asked]


def sums_of(now: datetime, account: str) -> dict[str, Any]:
    """What is counted, and when it holds, as expressions: `late_0` and so on are the late ones by `LATE_FOR`."""
    is_open, runs = state_in(OPEN), state_in(RUNNING)
    late = {"$and": [runs, {"$lt": ["$due_at", now]}]}
    sums = {
        "open": is_open,
        "new": state_in(NEW),
        "late": late,
        "due_soon": {"$and": [runs, {"$gte": ["$due_at", now]}, {"$lt": ["$due_at", now + DUE_SOON]}]},
        "waiting": state_in([AssignmentState.QUESTIONED]),
        "mine": {"$and": [is_open, {"$eq": ["$taken_by", str(account)]}]},
        "for_head": {"$and": [is_open, "$for_head"]},
        "appeals": {"$and": [is_open, {"$eq": ["$kind", APPEAL]}]},
        "resolved": state_in([AssignmentState.RESOLVED]),
        "under_appeal": state_in([AssignmentState.UNDER_APPEAL]),
    }
    for place, (first, last) in enumerate(LATE_FOR):
        ages: list[Any] = [late, {"$lte": ["$due_at", now - timedelta(days=first - 1)]}]
        ages += [{"$gt": ["$due_at", now - timedelta(days=last)]}] if last else []
        sums[f"late_{place}"] = {"$and": ages}
    return sums


def state_in(states: Sequence[AssignmentState]) -> dict[str, Any]:
    """The expression that the state is one of these."""
    return {"$in": ["$state", names_of(states)]}


def names_of(states: Sequence[AssignmentState]) -> list[str]:
    """States as they are stored."""
    return [str(state) for state in states]


def department_query(
    department: str, wanted: WorklistFilter, now: datetime, after: tuple[datetime, str] | None
) -> dict[str, Any]:
    """The query for a department's list."""
    query: dict[str, Any] = {"department": str(department), "state": {"$in": names_of(wanted.states)}}
    for name in ("service", "district", "kind", "channel", "taken_by"):
        if (value := getattr(wanted, name)) is not None:
            query[name] = str(value)
    if wanted.taken_by == NOBODY:
        query["taken_by"] = None
    for name in ("for_head", "copied"):
        if (flag := getattr(wanted, name)) is not None:
            query[name] = bool(flag)
    query |= not_hidden_from(wanted.reader)
    if wanted.numbers:
        query["_id"] = {"$in": [str(number) for number in wanted.numbers]}
    parts = [*clock_parts(wanted, now), *time_parts(wanted), *([after_part(wanted.order, after)] if after else [])]
    return {**query, "$and": parts} if parts else query


def not_hidden_from(reader: str | None) -> dict[str, Any]:
    """The condition that an assignment is not hidden from the account that reads it; empty without one."""
    return {"hidden_from": {"$ne": str(reader)}} if reader else {}


def clock_parts(wanted: WorklistFilter, now: datetime) -> list[dict[str, Any]]:
    """What must hold of the due date. A clock that stands still makes nothing late."""
    parts: list[dict[str, Any]] = []
    running = {"state": {"$in": names_of(RUNNING)}}
    late = {**running, "due_at": {"$lt": now}}
    if wanted.late is not None:
        parts.append(late if wanted.late else {"$nor": [late]})
    if wanted.owes_new_date is not None:
        owed = {**late, **new_date_owed(now)}
        parts.append(owed if wanted.owes_new_date else {"$nor": [owed]})
    if wanted.escalated_to is not None:
        parts.append({**running, "escalated_to": str(wanted.escalated_to)})
    if wanted.due_within is not None:
        parts.append({**running, "due_at": {"$gte": now, "$lt": now + wanted.due_within}})
    return parts


def time_parts(wanted: WorklistFilter) -> list[dict[str, Any]]:
    """What must hold of the times at which an assignment was received and last changed."""
    received = {"$gte": wanted.received_from, "$lt": wanted.received_until}
    received = {operator: at for operator, at in received.items() if at is not None}
    parts: list[dict[str, Any]] = [{"routed_at": received}] if received else []
    if wanted.changed_since is not None:
        parts.append({"changed_at": {"$gte": wanted.changed_since - OVERLAP}})
    return parts


def new_date_owed(now: datetime) -> dict[str, Any]:
    """What must hold of a late one whose citizen knows no new date, or one that is over (`DueClock.owes_new_date`)."""
    none_in_force = [{"delayed_until": None}, {"delayed_until": {"$lt": now}}]
    return {"$or": none_in_force, f"interim_replies.{MAX_INTERIM_REPLIES - 1}": {"$exists": False}}


def after_part(order: Order, after: tuple[datetime, str]) -> dict[str, Any]:
    """What comes after a place in the list: from its time on, without those before it at the same time."""
    at, number = after
    (name, direction), (_, numbers) = ORDERS[order]
    onwards = {ASCENDING: "$gte", DESCENDING: "$lte"}
    back = {ASCENDING: "$lte", DESCENDING: "$gte"}
    return {name: {onwards[direction]: at}, "$nor": [{name: at, "_id": {back[numbers]: str(number)}}]}


def done_query(service: str, since: datetime) -> dict[str, object]:
    """The query for what was resolved of a service since then; appeals have a time of their own."""
    return {"service": str(service), "resolved_at": {**RESOLVED, "$gte": since}, "kind": {"$ne": APPEAL}}


class DepartmentStore(RecordStore[DepartmentRecord]):
    """`routing.departments`."""

    kind = DepartmentRecord

    async def all(self) -> list[DepartmentRecord]:
        """Every department."""
        return [DepartmentRecord.of(document) for document in await self.collection.find({}).sort("_id").to_list(None)]


class ServiceStore(RecordStore[ServiceCopy]):
    """`routing.services`."""

    kind = ServiceCopy

    async def all(self) -> list[ServiceCopy]:
        """Every service that routing has heard of."""
        return [ServiceCopy.of(document) for document in await self.collection.find({}).to_list(None)]


class StaffCopyStore(RecordStore[StaffCopy]):
    """`routing.colleagues`."""

    kind = StaffCopy

    async def create_indexes(self) -> None:
        """Also index by department."""
        await super().create_indexes()
        await self.collection.create_index([("department", ASCENDING)])

    async def of_department(self, department: str) -> list[StaffCopy]:
        """Everybody who works at a department."""
        found = await self.collection.find({"department": str(department)}).sort("_id").to_list(None)
        return [one for one in map(StaffCopy.of, found) if one.works_at(department)]
