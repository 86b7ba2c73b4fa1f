"""`requests.catalogue`: the published entries."""

from services.requests.models.catalogue import ServiceEntry
from shared.mongo import RecordStore


class CatalogueStore(RecordStore[ServiceEntry]):
    """`requests.catalogue`."""

    kind = ServiceEntry

    async def all(self) -> list[ServiceEntry]:
        """Every published entry."""
        return [ServiceEntry.of(document) for document in await self.collection.find({}).to_list(None)]

    async def versions(self) -> dict[str, int]:
        """The version in force of each entry, by code."""
        found = await self.collection.find({}, {"version": 1}).to_list(None)
        return {document["_id"]: document["version"] for document in found}
