"""Queries over `requests.requests` for requests that are near, followed, or merged."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pymongo import ASCENDING, DESCENDING, GEOSPHERE

from services.requests.request.models.lifecycle import State
from services.requests.request.models.request import Request
from services.requests.request.store.requests import NEWEST_FIRST, older_than
from shared.mongo import listing
from shared.mongo.client import Collection as MongoCollection
from shared.paging import Position

PASSES_ON = {"passes_on": True}
OLDEST_FIRST = [("submitted_at", ASCENDING), ("_id", ASCENDING)]


class DuplicateStore:
    """Queries about other citizens' requests."""

    def __init__(self, collection: MongoCollection) -> None:
        self.collection = collection

    async def create_indexes(self) -> None:
        """One index for each query."""
        await self.collection.create_index(
            [("service", ASCENDING), ("spot", GEOSPHERE)], partialFilterExpression={"spot.type": "Point"}
        )
        await self.collection.create_index(
            [("service", ASCENDING), ("district", ASCENDING), ("submitted_at", DESCENDING)]
        )
        await self.collection.create_index(
            [("followers.citizen_id", ASCENDING), ("submitted_at", DESCENDING), ("_id", ASCENDING)],
            partialFilterExpression={"followers.citizen_id": {"$exists": True}},
        )
        await self.collection.create_index([("passes_on", ASCENDING)], partialFilterExpression=PASSES_ON)
        await self.collection.create_index(
            [("duplicate_of", ASCENDING), *OLDEST_FIRST], partialFilterExpression={"duplicate_of": {"$gt": ""}}
        )

    async def near(self, what: dict[str, Any], spot: dict[str, Any], metres: int, limit: int) -> list[Request]:
        """Requests within `metres` of a GeoJSON point, nearest first; `what` is a `query_for`."""
        near = {"$nearSphere": {"$geometry": spot, "$maxDistance": metres}}
        return await self._found({**what, "spot.type": "Point", "spot": near}, limit)

    async def in_district(self, what: dict[str, Any], district: str, limit: int) -> list[Request]:
        """Requests of a district, newest first."""
        return await self._found({**what, "district": str(district)}, limit, [("submitted_at", DESCENDING)])

    async def followed(self, citizen_id: str, *, before: Position | None, limit: int) -> list[Request]:
        """Requests that a citizen follows, newest first, after the cursor (submitted_at, number)."""
        return await self._found({"followers.citizen_id": str(citizen_id), **older_than(before)}, limit, NEWEST_FIRST)

    async def passing_on(self, limit: int) -> list[Request]:
        """Primaries that ended without an outcome and whose merged requests are still to be revived."""
        return await self._found(PASSES_ON, limit)

    async def merged_into(self, number: str, limit: int) -> list[Request]:
        """Requests merged into this one and not anonymised, oldest first."""
        return await self._found(merged_query(number), limit, OLDEST_FIRST)

    async def _found(
        self, query: dict[str, Any], limit: int, order: list[tuple[str, int]] | None = None
    ) -> list[Request]:
        with listing():
            found = self.collection.find(query, sort=order, limit=limit)
            return [Request.of(document) for document in await found.to_list(None)]


def merged_query(number: str) -> dict[str, Any]:
    """The query for requests merged into this one and not anonymised."""
    return {"duplicate_of": str(number), "state": str(State.DUPLICATE), "anonymised_at": None}


def query_for(service: str, states: Collection[str], since: datetime) -> dict[str, Any]:
    """The query for non-confidential requests of a service in these states, filed since then."""
    return {
        "service": str(service),
        "state": {"$in": [str(state) for state in states]},
        "submitted_at": {"$gte": since},
        "confidential": {"$ne": True},
    }
