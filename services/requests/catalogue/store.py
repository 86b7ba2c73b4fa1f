"""`requests.catalogue`: current versions and drafts of services; `catalogue_versions`: replaced versions."""

from dataclasses import asdict

from pymongo import ASCENDING, DESCENDING

from services.requests.catalogue.models.versions import ServiceEntry, Version
from shared.mongo import Database, RecordStore


class CatalogueStore(RecordStore[ServiceEntry]):
    """`requests.catalogue`."""

    kind = ServiceEntry

    async def all(self) -> list[ServiceEntry]:
        """All services, including mere drafts, ordered by code."""
        return await self.find({}, sort=[("_id", ASCENDING)])

    async def revisions(self) -> dict[str, int]:
        """The revisions of published services, by code."""
        found = await self.collection.find({"version": {"$gt": 0}}, {"rev": 1}).to_list(None)
        return {document["_id"]: document["rev"] for document in found}


class VersionStore:
    """`requests.catalogue_versions`: replaced versions, kept for ever."""

    def __init__(self, database: Database) -> None:
        self.collection = database["catalogue_versions"]

    async def create_indexes(self) -> None:
        """The versions of one service in their order."""
        await self.collection.create_index([("code", ASCENDING), ("number", DESCENDING)], unique=True)

    async def keep(self, version: Version) -> None:
        """Archive a version; an archived one is never changed."""
        document = asdict(version)
        await self.collection.update_one(
            {"_id": f"{version.code}/{version.number}"}, {"$setOnInsert": document}, upsert=True
        )

    async def get(self, code: str, number: int) -> Version | None:
        """A replaced version."""
        document = await self.collection.find_one({"_id": f"{code}/{int(number)}"}, {"_id": 0})
        return Version(**document) if document else None

    async def of(self, code: str, limit: int) -> list[Version]:
        """Replaced versions of a service, newest first."""
        query = {"code": str(code)}
        found = await self.collection.find(query, {"_id": 0}).sort("number", DESCENDING).limit(limit).to_list(None)
        return [Version(**document) for document in found]
