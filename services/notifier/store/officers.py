"""Contacts, work items and the time of the last digest for members of staff, in MongoDB."""

from collections.abc import Collection as Ids
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import BulkWriteError, DuplicateKeyError

from services.notifier.models.contact import Reach
from services.notifier.models.officer import ADMINISTRATORS, Kind, StaffContact, WorkItem, WorkTally
from shared.mongo import RecordStore
from shared.mongo.client import Collection
from shared.mongo.records import only_duplicates
from shared.rights import Role

KEPT = timedelta(days=8)
REACHED = {"active": True, "$or": [{"email": {"$gt": ""}}, {"mobile": {"$gt": ""}}]}
AN_ADMINISTRATOR: dict[str, Any] = {"role": Role.ADMIN.value}
MARK = "told"


class StaffContactStore(RecordStore[StaffContact]):
    """`notifier.staff_contacts`."""

    kind = StaffContact

    async def create_indexes(self) -> None:
        """Also index by department, and administrators, who have none."""
        await super().create_indexes()
        await self.collection.create_index([("department", ASCENDING)])
        await self.collection.create_index([("role", ASCENDING)], partialFilterExpression=AN_ADMINISTRATOR)

    async def reachable(self) -> set[str]:
        """The departments with a member who can be reached; also `ADMINISTRATORS`, if one of those can."""
        found = await self.collection.distinct("department", REACHED)
        admin = await self.collection.find_one(AN_ADMINISTRATOR | REACHED, {"_id": 1})
        return {department for department in found if department is not None} | ({ADMINISTRATORS} if admin else set())

    async def of(self, addressees: Ids[str]) -> list[StaffContact]:
        """The members with these accounts or of these departments who can be reached."""
        ids = sorted(addressees)
        whom = [{"department": {"$in": ids}}, {"_id": {"$in": ids}}]
        whom += [AN_ADMINISTRATOR] if ADMINISTRATORS in addressees else []
        query = {"active": True, "$and": [{"$or": whom}, REACHED]}
        return [StaffContact.of(document) for document in await self.collection.find(query).to_list(None)]

    async def reaches(self, accounts: Ids[str]) -> dict[str, Reach]:
        """How to reach these members of staff."""
        return {account: member.reach for account, member in (await self.load_many(accounts)).items()}


class WorkItemStore:
    """`notifier.work_items`: recent work of departments; and, without end, what is hidden from officers."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    async def create_indexes(self) -> None:
        """Index items by time; they expire. What is hidden has no time."""
        await self.collection.create_index([("at", ASCENDING)], expireAfterSeconds=int(KEPT.total_seconds()))
        hidden = {"hidden_from": {"$type": "string"}}
        await self.collection.create_index([("hidden_from", ASCENDING)], partialFilterExpression=hidden)

    async def note(self, items: Sequence[WorkItem]) -> None:
        """Store these; existing ones stay."""
        try:
            await self.collection.insert_many([_document(one) for one in items], ordered=False)
        except BulkWriteError as error:
            only_duplicates(error)

    async def hide(self, interests: Sequence[tuple[str, str]]) -> None:
        """Note that officers have an interest in requests (account, number)."""
        for account, number in interests:
            pair = {"hidden_from": account, "number": number}
            await self.collection.update_one({"_id": f"hidden:{account}:{number}"}, {"$set": pair}, upsert=True)

    async def hidden_from(self, accounts: Ids[str]) -> dict[str, list[str]]:
        """The numbers of the requests that are hidden from any of these accounts."""
        hidden: dict[str, list[str]] = {}
        async for found in self.collection.find({"hidden_from": {"$in": sorted(accounts), "$type": "string"}}):
            hidden.setdefault(found["hidden_from"], []).append(found["number"])
        return hidden

    async def tallies(
        self, after: datetime, until: datetime, without: Ids[str] = ()
    ) -> dict[tuple[str, Kind], WorkTally]:
        """The items after one time and up to another, by department (or account) and kind; `without` these numbers."""
        by_kind = {
            "_id": {"addressee": {"$ifNull": ["$account", "$department"]}, "kind": "$kind"},
            "count": {"$sum": 1},
            "due_at": {"$min": "$due_at"},
            "number": {"$first": "$number"},
            "service": {"$first": "$service"},
        }
        wanted = {"at": {"$gt": after, "$lte": until}, **({"number": {"$nin": list(without)}} if without else {})}
        pipeline: list[dict[str, Any]] = [{"$match": wanted}, {"$group": by_kind}]
        found = await self.collection.aggregate(pipeline).to_list(None)
        return {(d["_id"]["addressee"], Kind(d["_id"]["kind"])): _tally(d) for d in found}


class MarkStore:
    """`notifier.work_marks`: one document for all replicas, with the time up to which digests were sent.

    `until` is set while messages are recorded. After a crash the next process repeats that; the messages' keys prevent
    duplicates.
    """

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    async def read(self, start: datetime) -> tuple[datetime, datetime | None]:
        """Up to when digests were sent, and the time that was begun; initially `start`."""
        found = await self.collection.find_one({"_id": MARK})
        if found is None:
            with suppress(DuplicateKeyError):
                await self.collection.insert_one({"_id": MARK, "done": start})
            return start, None
        return found["done"], found.get("until")

    async def begin(self, done: datetime, until: datetime) -> bool:
        """Begin the next time; False if another process has begun one."""
        mine = {"_id": MARK, "done": done, "until": {"$exists": False}}
        return (await self.collection.update_one(mine, {"$set": {"until": until}})).matched_count == 1

    async def end(self, until: datetime) -> None:
        """Note that digests were sent up to then."""
        begun = {"_id": MARK, "until": until}
        await self.collection.update_one(begun, {"$set": {"done": until}, "$unset": {"until": ""}})


def _document(item: WorkItem) -> dict[str, Any]:
    values = {name: getattr(item, name) for name in ("department", "number", "at", "due_at", "service", "account")}
    return {"_id": item.id, "kind": item.kind.value, **{n: value for n, value in values.items() if value is not None}}


def _tally(found: Mapping[str, Any]) -> WorkTally:
    return WorkTally(found["count"], found["due_at"], found["number"], found.get("service"))
