"""The queries behind a department's list, its counts and its live changes."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, DESCENDING

from services.routing.models.assignment import APPEAL, OPEN, RUNNING, Assignment, AssignmentState
from services.routing.models.clock import DUE_SOON, HEAD, MAX_INTERIM_REPLIES, ORGANISATION
from services.routing.models.worklist import GOING_ON, LATE_FOR, NEW, NOBODY, Order, WorklistFilter
from services.routing.store.assignments import AssignmentStore, names_of
from services.routing.store.indexes import (
    CHANGED,
    CHANGED_LAST,
    CHANGES,
    DUE_SOONEST,
    HIDDEN,
    MARKED_LATE,
    ORDERS,
    index_for,
    list_index,
)
from shared.mongo import listing
from shared.paging import Position

DONE = (AssignmentState.RESOLVED, AssignmentState.UNDER_APPEAL, AssignmentState.CLOSED)
OVERLAP = timedelta(seconds=2)
"""How long it takes at most until a change can be read, after the time that it bears."""
MAX_AGAIN = 500
CHANGE: dict[str, Any] = {
    **dict.fromkeys(("rev", "seq", "state", "service", "kind", "district", "for_head", "changed_at"), 1),
    "history": {"$slice": -1},
}
"""What is read of a change."""
LINES = dict.fromkeys(("events", "history", "notes", "acts", "act_contents", "facts"), 0)
"""Fields that no line shows, and that make documents large."""


class WorklistStore:
    """Queries of `routing.assignments`."""

    def __init__(self, assignments: AssignmentStore) -> None:
        self.collection = assignments.collection
        self.clock = assignments.clock

    async def of_department(
        self, department: str, wanted: WorklistFilter, *, after: Position | None, limit: int
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

    async def changed_after(self, department: str, place: Position, limit: int, reader: str = "") -> list[Assignment]:
        """What changed at a department after a place (time, number), oldest first; each with its last step alone."""
        at, number = place
        later = {"changed_at": {"$gte": at}, "$nor": [{"changed_at": at, "_id": {"$lte": str(number)}}]}
        return await self._changed(department, later | not_hidden_from(reader), CHANGED, limit)

    async def changed_shortly_before(self, department: str, place: Position, reader: str = "") -> list[Assignment]:
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


def department_query(department: str, wanted: WorklistFilter, now: datetime, after: Position | None) -> dict[str, Any]:
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


def after_part(order: Order, after: Position) -> dict[str, Any]:
    """What comes after a place in the list: from its time on, without those before it at the same time."""
    at, number = after
    (name, direction), (_, numbers) = ORDERS[order]
    onwards = {ASCENDING: "$gte", DESCENDING: "$lte"}
    back = {ASCENDING: "$lte", DESCENDING: "$gte"}
    return {name: {onwards[direction]: at}, "$nor": [{name: at, "_id": {back[numbers]: str(number)}}]}
