"""What is kept for members of staff in MongoDB: contacts, work items, and up to when digests were sent."""

from collections.abc import Collection as Ids
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.notifier.models.contact import Reach
from services.notifier.models.officer import Kind, StaffContact, WorkItem, WorkTally
from shared.mongo import RecordStore
from shared.mongo.client import Collection
from shared.mongo.records import only_duplicates

KEPT = timedelta(days=8)
REACHED = {"active": True, "$or": [{"email": {"$gt": ""}}, {"mobile": {"$gt": ""}}]}
MARK = "told"


class StaffContactStore(RecordStore[StaffContact]):
    """`notifier.staff_contacts`."""

    kind = StaffContact

    async def create_indexes(self) -> None:
        """Also find those of a department."""
        await super().create_indexes()
        await self.collection.create_index([("department", ASCENDING)])

    async def reachable(self) -> set[str]:
        """The departments with a member who can be reached."""
        found = await self.collection.distinct("department", REACHED)
        return {department for department in found if department is not None}

    async def of(self, departments: Ids[str]) -> list[StaffContact]:
        """The members of these departments who can be reached."""
        query = {"department": {"$in": sorted(departments)}, **REACHED}
        return [StaffContact.of(document) for document in await self.collection.find(query).to_list(None)]

    async def reaches(self, accounts: Ids[str]) -> dict[str, Reach]:
        """How to reach these members of staff."""
        return {account: member.reach for account, member in (await self.load_many(accounts)).items()}


class WorkItemStore:
    """`notifier.work_items`: what happened in departments lately."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    async def create_indexes(self) -> None:
        """Items are counted by time, and expire."""
        await self.collection.create_index([("at", ASCENDING)], expireAfterSeconds=int(KEPT.total_seconds()))

    async def note(self, items: Sequence[WorkItem]) -> None:
        """Keep these; what is there stays as it is."""
        try:
            await self.collection.insert_many([_document(one) for one in items], ordered=False)
        except BulkWriteError as error:
            only_duplicates(error)

    async def tallies(self, after: datetime, until: datetime) -> dict[tuple[str, Kind], WorkTally]:
        """What happened between the two (the later one included), by department and kind."""
        by_kind = {
            "_id": {"department": "$department", "kind": "$kind"},
            "count": {"$sum": 1},
            "due_at": {"$min": "$due_at"},
            "number": {"$first": "$number"},
            "service": {"$first": "$service"},
        }
        pipeline: list[dict[str, Any]] = [{"$match": {"at": {"$gt": after, "$lte": until}}}, {"$group": by_kind}]
        found = await self.collection.aggregate(pipeline).to_list(None)
        return {(d["_id"]["department"], Kind(d["_id"]["kind"])): _tally(d) for d in found}


class MarkStore:
    """`notifier.work_marks`: one document for all replicas: up to when digests were sent.

    `until` is there while messages are being recorded. When a process dies over that, the next one does it again; the
    messages' keys keep them single.
    """

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    async def read(self, start: datetime) -> tuple[datetime, datetime | None]:
        """Up to when digests were sent, and the time for which it was begun; in the beginning, `start`."""
        found = await self.collection.find_one({"_id": MARK})
        if found is None:
            with suppress(DuplicateKeyError):
                await self.collection.insert_one({"_id": MARK, "done": start})
            return start, None
        return found["done"], found.get("until")

    async def begin(self, done: datetime, until: datetime) -> bool:
        """Take the next time; False when another process has taken one."""
        mine = {"_id": MARK, "done": done, "until": {"$exists": False}}
        return (await self.collection.update_one(mine, {"$set": {"until": until}})).matched_count == 1

    async def end(self, until: datetime) -> None:
        """Digests were sent up to then."""
        begun = {"_id": MARK, "until": until}
        await self.collection.update_one(begun, {"$set": {"done": until}, "$unset": {"until": ""}})


def _document(item: WorkItem) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in ("department", "number", "at", "due_at", "service")}
    return {"_id": item.id, "kind": item.kind.value, **{n: value for n, value in values.items() if value is not None}}


def _tally(found: Mapping[str, Any]) -> WorkTally:
    return WorkTally(found["count"], found["due_at"], found["number"], found.get("service"))
