"""`requests.citizens`, `requests.colleagues` and `requests.departments`."""

from pymongo import ASCENDING, DESCENDING

from services.requests.request.models.replicas import CitizenReplica, Colleague, DepartmentReplica
from shared.mongo import RecordStore


class CitizenCopyStore(RecordStore[CitizenReplica]):
    """`requests.citizens`."""

    kind = CitizenReplica

    async def create_indexes(self) -> None:
        """One index of erased citizens."""
        await super().create_indexes()
        await self.collection.create_index(
            [("erasing_until", ASCENDING)], partialFilterExpression={"erasing_until": {"$type": "date"}}
        )

    async def erasing(self) -> list[CitizenReplica]:
        """Recently erased citizens, latest first."""
        found = self.collection.find({"erasing_until": {"$type": "date"}}).sort("erasing_until", DESCENDING)
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
