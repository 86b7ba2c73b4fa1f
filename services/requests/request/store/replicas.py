"""`requests.citizens`, `requests.colleagues` and `requests.departments`."""

from pymongo import ASCENDING, DESCENDING

from services.requests.request.models.replicas import CitizenReplica, Colleague, DepartmentReplica
from shared.mongo import RecordStore


class CitizenCopyStore(RecordStore[CitizenReplica]):
    """`requests.citizens`."""

    kind = CitizenReplica

    async def create_indexes(self) -> None:
        """One index of erased citizens, and one of those whose name or mobile changed just now."""
        await super().create_indexes()
        for field in ("erasing_until", "corrected_at"):
            await self.collection.create_index([(field, ASCENDING)], partialFilterExpression={field: {"$type": "date"}})

    async def erasing(self) -> list[CitizenReplica]:
        """Recently erased citizens, latest first."""
        found = self.collection.find({"erasing_until": {"$type": "date"}}).sort("erasing_until", DESCENDING)
        return [CitizenReplica.of(document) for document in await found.to_list(None)]

    async def corrected(self, limit: int) -> list[CitizenReplica]:
        """Citizens whose name or mobile changed and whose departments are not told yet, the first one first."""
        found = self.collection.find({"corrected_at": {"$type": "date"}}).sort("corrected_at", ASCENDING).limit(limit)
        return [CitizenReplica.of(document) for document in await found.to_list(None)]


class ColleagueStore(RecordStore[Colleague]):
    """`requests.colleagues`."""

    kind = Colleague


class DepartmentCopyStore(RecordStore[DepartmentReplica]):
    """`requests.departments`."""

    kind = DepartmentReplica

    async def codes(self) -> set[str]:
        """The codes of all known departments."""
        found = await self.collection.find({}, {"_id": 1}).to_list(None)
        return {document["_id"] for document in found}
