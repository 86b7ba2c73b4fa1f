"""Work inside a department: what an officer has, what nobody has, and parts of the work; views and templates."""

from datetime import datetime
from typing import Any

from pymongo import ASCENDING

from services.routing.desk.models.named import ReplyTemplates, SavedViews
from services.routing.models.assignment import OPEN, Assignment
from services.routing.models.worklist import NEW
from services.routing.store.assignments import AssignmentStore, names_of
from services.routing.store.indexes import DUE_SOONEST, list_index
from services.routing.store.worklist import WorklistStore, not_hidden_from
from shared.mongo import RecordStore, listing

PARTS = [("parts.department", ASCENDING), ("parts.due_at", ASCENDING), ("_id", ASCENDING)]
PART_FIELDS = dict.fromkeys(("rev", "seq", "service", "district", "department", "hidden_from", "parts"), 1)


class SavedViewStore(RecordStore[SavedViews]):
    """`routing.saved_views`."""

    kind = SavedViews


class ReplyTemplateStore(RecordStore[ReplyTemplates]):
    """`routing.reply_templates`."""

    kind = ReplyTemplates


class DeskStore:
    """Queries of `routing.assignments`."""

    def __init__(self, assignments: AssignmentStore) -> None:
        self.collection = assignments.collection
        self._worklist = WorklistStore(assignments)

    async def create_indexes(self) -> None:
        """One index, of the few assignments with parts."""
        await self.collection.create_index(PARTS, partialFilterExpression={"parts.department": {"$type": "string"}})

    async def loads(self, department: str) -> dict[str, dict[str, int]]:
        """How many open and late requests each account has."""
        rows = await self._worklist.tallied(department, ("taken_by",), "")
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

    async def with_parts_of(
        self, department: str, states: list[str], reader: str, limit: int, since: datetime | None
    ) -> list[Assignment]:
        """Requests with a part for the department in such a state, due soonest first; none hidden from the reader.

        With `since`: all that were asked or changed then or later.
        """
        wanted: dict[str, Any] = {"department": str(department), "state": {"$in": [str(state) for state in states]}}
        if since is not None:
            wanted["$or"] = [{"at": {"$gte": since}}, {"changed_at": {"$gte": since}}]
        part = {"$elemMatch": wanted}
        query = {"parts.department": str(department), "parts": part, **not_hidden_from(reader)}
        with listing():
            found = self.collection.find(query, PART_FIELDS).sort(PARTS[1:]).limit(0 if since else limit).hint(PARTS)
            return [Assignment.of(document) for document in await found.to_list(None)]
