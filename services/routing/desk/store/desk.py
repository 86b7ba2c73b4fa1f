"""Queries about the work inside a department: what an officer has, what nobody has, and parts of the work."""

from typing import Any

from pymongo import ASCENDING

from services.routing.models.assignment import OPEN, Assignment
from services.routing.models.worklist import NEW
from services.routing.store import DUE_SOONEST, AssignmentStore, list_index, names_of, not_hidden_from
from shared.mongo import listing
from shared.mongo.client import Collection as MongoCollection

PARTS = [("parts.department", ASCENDING), ("parts.due_at", ASCENDING), ("_id", ASCENDING)]
PART_FIELDS = dict.fromkeys(("rev", "seq", "service", "district", "department", "hidden_from", "parts"), 1)


class DeskStore:
    """Queries of `routing.assignments`."""

    def __init__(self, assignments: AssignmentStore) -> None:
        self._assignments = assignments

    @property
    def collection(self) -> MongoCollection:
        """The assignments."""
        return self._assignments.collection

    async def create_indexes(self) -> None:
        """One index, of the few assignments with parts."""
        await self.collection.create_index(PARTS, partialFilterExpression={"parts.department": {"$type": "string"}})

    async def loads(self, department: str) -> dict[str, dict[str, int]]:
        """How many open and late requests each account has."""
        rows = await self._assignments.tallied(department, ("taken_by",), "")
        return {row["taken_by"]: {"open": row["open"], "late": row["late"]} for row in rows if row["taken_by"]}

    async def open_with(self, department: str, account: str, limit: int) -> list[Assignment]:
        """Open requests of an officer, due soonest first."""
        return await self._listed(department, names_of(OPEN), {"taken_by": str(account)}, limit)

    async def with_nobody(self, department: str, limit: int) -> list[Assignment]:
        """New requests that nobody is responsible for, due soonest first."""
        return await self._listed(department, names_of(NEW), {"taken_by": None}, limit)

    async def _listed(self, department: str, states: list[str], more: dict[str, Any], limit: int) -> list[Assignment]:
        query = {"department": str(department), "state": {"$in": states}, **more}
        found = self.collection.find(query).sort(DUE_SOONEST).limit(limit).hint(list_index(DUE_SOONEST))
        return [Assignment.of(document) for document in await found.to_list(None)]

    async def with_parts_of(self, department: str, states: list[str], reader: str, limit: int) -> list[Assignment]:
        """Requests with a part for the department in such a state, due soonest first; none hidden from the reader."""
        part = {"$elemMatch": {"department": str(department), "state": {"$in": [str(state) for state in states]}}}
        query = {"parts.department": str(department), "parts": part, **not_hidden_from(reader)}
        with listing():
            found = self.collection.find(query, PART_FIELDS).sort(PARTS[1:]).limit(limit).hint(PARTS)
            return [Assignment.of(document) for document in await found.to_list(None)]
