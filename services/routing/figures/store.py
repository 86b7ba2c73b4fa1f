"""The store of figures: facts of requests, published rows by month, and how far assignments were looked at."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import pymongo
from pymongo import ASCENDING, ReplaceOne

from services.routing.figures.models.facts import RequestFact
from services.routing.figures.models.rows import SUMS, Base, Cell, FigureQuery, FigureSums, Row
from services.routing.models.assignment import Assignment
from services.routing.store.indexes import CHANGES
from shared.mongo.client import Database, listing

BATCH = 500
SECONDS = 60.0
"""Longest time for adding up a month."""
LEASE = timedelta(minutes=2)
PLACE = "place"
RATED = [("rated_at", ASCENDING), ("_id", ASCENDING)]
READ: dict[str, Any] = {
    **dict.fromkeys(
        ("rev", "seq", "service", "kind", "district", "department", "state", "routed_at", "responded_at", "due_at",
         "paused_at", "changed_at", "rating", "rated_at"),
        1,
    ),
    **dict.fromkeys((f"history.{name}" for name in ("action", "at", "due_at")), 1),
}  # fmt: skip
"""What a fact is made from."""
CELL = {"department": "$department", "service": "$service", "district": "$district"}


class FigureStore:
    """`routing.figures`, `figure_months` and `figure_state`; reads `assignments`."""

    def __init__(self, database: Database) -> None:
        self._assignments = database["assignments"]
        self._facts = database["figures"]
        self._months = database["figure_months"]
        self._state = database["figure_state"]

    async def create_indexes(self) -> None:
        """Indexes of the facts by month, and of assignments that were rated."""
        await self._facts.create_index("received_month")
        await self._facts.create_index([("due_month", ASCENDING), ("due_at", ASCENDING)])
        await self._facts.create_index("turns")
        await self._assignments.create_index(RATED, partialFilterExpression={"rated_at": {"$type": "date"}})
        await self._state.update_one({"_id": PLACE}, {"$setOnInsert": {"token": ""}}, upsert=True)

    async def lease(self) -> bool:
        """Whether this process may bring the figures up to date now; no other may until `release`."""
        free = {"$expr": {"$lt": [{"$ifNull": ["$leased_until", 0]}, "$$NOW"]}}
        until = {"$add": ["$$NOW", LEASE // timedelta(milliseconds=1)]}
        done = await self._state.update_one({"_id": PLACE, **free}, [{"$set": {"leased_until": until}}])
        return done.matched_count == 1

    async def release(self, as_of: datetime | None) -> None:
        """Let others go on; `as_of` is up to when the figures are complete, None if that did not change."""
        change = {"$set": {"as_of": as_of}} if as_of else {}
        await self._state.update_one({"_id": PLACE}, {"$unset": {"leased_until": ""}, **change})

    async def as_of(self) -> datetime | None:
        """Up to when the figures are complete; None before they were ever made."""
        found = await self._state.find_one({"_id": PLACE})
        return found.get("as_of") if found else None

    async def changed(self, department: str, since: datetime) -> AsyncIterator[list[Assignment]]:
        """The assignments of a department in which something happened since then, in batches."""
        async for batch in self._pages({"department": department}, "changed_at", since, CHANGES):
            yield batch

    async def rated(self, since: datetime) -> AsyncIterator[list[Assignment]]:
        """The assignments that were rated since then, in batches."""
        async for batch in self._pages({}, "rated_at", since, RATED):
            yield batch

    async def everything(self) -> AsyncIterator[list[Assignment]]:
        """All assignments, in batches."""
        after = ""
        while batch := await self._read({"_id": {"$gt": after}}, [("_id", ASCENDING)]):
            yield batch
            after = batch[-1].id

    async def _pages(
        self, query: dict[str, Any], name: str, since: datetime, index: Sequence[tuple[str, int]]
    ) -> AsyncIterator[list[Assignment]]:
        at, number = since, ""
        while True:
            later = {name: {"$gte": at}, "$nor": [{name: at, "_id": {"$lte": number}}]}
            batch = await self._read({**query, **later}, [(name, ASCENDING), ("_id", ASCENDING)], index)
            if not batch:
                return
            yield batch
            at, number = getattr(batch[-1], name), batch[-1].id

    async def _read(
        self, query: dict[str, Any], order: Sequence[tuple[str, int]], index: Sequence[tuple[str, int]] | None = None
    ) -> list[Assignment]:
        found = self._assignments.find(query, READ).sort(order).limit(BATCH)
        return [Assignment.of(document) for document in await (found.hint(index) if index else found).to_list(None)]

    async def put(self, facts: Collection[RequestFact]) -> set[str]:
        """Store facts; returns the months of which they are part now or were before."""
        if not facts:
            return set()
        numbers = {"_id": {"$in": [fact.number for fact in facts]}}
        before = await self._facts.find(numbers, {"received_month": 1, "due_month": 1}).to_list(None)
        await self._facts.bulk_write(
            [ReplaceOne({"_id": fact.number}, document_of(fact), upsert=True) for fact in facts], ordered=False
        )
        old = {fact[name] for fact in before for name in ("received_month", "due_month") if fact[name]}
        return old.union(*(fact.months for fact in facts))

    async def turned(self, after: datetime, until: datetime) -> set[str]:
        """The months with requests that began to count as due, or as final, in this time."""
        found = await self._facts.distinct("due_month", {"turns": {"$elemMatch": {"$gt": after, "$lte": until}}})
        return {month for month in found if month}

    async def all_months(self) -> set[str]:
        """Every month of a fact, and every month of which rows are stored."""
        found = [await self._facts.distinct(name) for name in ("received_month", "due_month")]
        return {month for month in [*found[0], *found[1], *await self._months.distinct("_id")] if month}

    async def forget_all(self) -> None:
        """Remove all facts: they are made again."""
        await self._facts.delete_many({})

    async def tallies(self, month: str, now: datetime) -> dict[Base, dict[Cell, FigureSums]]:
        """The sums of a month, by department, service and district."""
        received = {"received_month": month}
        due = {"due_month": month, "due_at": {"$lte": now}}
        rated = {**due, "rating": {"$type": "number"}}
        provisional = {"$and": ["$kept", {"$gt": ["$final_at", now]}]}
        with pymongo.timeout(SECONDS):
            return {
                "received": await self._tallied(received, "response", {}, SUMS["received"]),
                "due": await self._tallied(due, "resolution", {"provisional": provisional}, SUMS["due"]),
                "rated": await self._tallied(rated, None, {}, SUMS["rated"]),
            }

    async def _tallied(
        self, query: dict[str, Any], days: str | None, special: dict[str, Any], names: Sequence[str]
    ) -> dict[Cell, FigureSums]:
        sums = {name: {"$sum": _number(name, special)} for name in names}
        key = {**CELL, "days": f"${days}" if days else None}
        groups = [{"$match": query}, {"$group": {"_id": key, "n": {"$sum": 1}, **sums}}]
        found = await self._facts.aggregate(groups).to_list(None)
        return await asyncio.to_thread(_cells_of, found)

    async def put_month(self, month: str, rows: list[Row]) -> None:
        """Publish the rows of a month."""
        if rows:
            await self._months.replace_one({"_id": month}, {"rows": rows}, upsert=True)
        else:
            await self._months.delete_one({"_id": month})

    async def rows(self, query: FigureQuery) -> dict[str, list[Row]]:
        """The published rows that are wanted, by month."""
        wanted = ("level", "department", "service", "district")
        equal = [
            {"$eq": [f"$$row.{name}", str(value)]} for name in wanted if (value := getattr(query, name)) is not None
        ]
        rows = {"$filter": {"input": "$rows", "as": "row", "cond": {"$and": equal}}}
        months = {"$match": {"_id": {"$gte": query.first, "$lte": query.last}}}
        with listing():
            found = await self._months.aggregate([months, {"$sort": {"_id": 1}}, {"$project": {"rows": rows}}]).to_list(
                None
            )
        return {document["_id"]: document["rows"] for document in found}


def _cells_of(groups: Sequence[dict[str, Any]]) -> dict[Cell, FigureSums]:
    """Groups by cell and days, as one tally for each cell."""
    cells: dict[Cell, FigureSums] = defaultdict(FigureSums)
    for group in groups:
        of = group.pop("_id")
        tally = cells[of["department"], of["service"], of["district"]]
        for name, n in group.items():
            tally.sums[name] += n
        if of["days"] is not None:
            tally.days[of["days"]] += group["n"]
    return dict(cells)


def _number(name: str, special: dict[str, Any]) -> dict[str, Any] | str:
    """What is added up: a number as it is, and 1 where something holds."""
    return "$rating" if name == "rating" else {"$cond": [special.get(name, f"${name}"), 1, 0]}


def document_of(fact: RequestFact) -> dict[str, Any]:
    """A fact as it is stored."""
    values = asdict(fact)
    return {"_id": values.pop("number"), **values, "turns": fact.turns}
