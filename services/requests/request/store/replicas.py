"""`requests.citizens`, `requests.colleagues` and `requests.departments`."""

from pymongo import ASCENDING, DESCENDING

from services.requests.request.models.replicas import CitizenReplica, Colleague, DepartmentReplica
from shared.mongo import RecordStore, index_where


class CitizenReplicaStore(RecordStore[CitizenReplica]):
    """`requests.citizens`."""

    kind = CitizenReplica

    async def create_indexes(self) -> None:
        """One index of erased citizens, and one of those whose name or mobile changed just now."""
        await super().create_indexes()
        for field in ("erasing_until", "corrected_at"):
            await index_where(self.collection, field, "date")

    async def erasing(self) -> list[CitizenReplica]:
        """Recently erased citizens, latest first."""
        return await self.find({"erasing_until": {"$type": "date"}}, sort=[("erasing_until", DESCENDING)])

    async def corrected(self, limit: int) -> list[CitizenReplica]:
        """Citizens whose name or mobile changed and whose departments are not told yet, the first one first."""
        return await self.find({"corrected_at": {"$type": "date"}}, sort=[("corrected_at", ASCENDING)], limit=limit)


class ColleagueStore(RecordStore[Colleague]):
    """`requests.colleagues`."""

    kind = Colleague


class DepartmentReplicaStore(RecordStore[DepartmentReplica]):
    """`requests.departments`."""

    kind = DepartmentReplica

    async def codes(self) -> set[str]:
        """The codes of all known departments."""
        found = await self.collection.find({}, {"_id": 1}).to_list(None)
        return {document["_id"] for document in found}
