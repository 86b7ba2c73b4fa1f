"""`rule_sets` (one record), `rule_versions` (published versions, kept for ever) and `areas`."""

from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from pymongo import DESCENDING, GEOSPHERE
from pymongo.errors import OperationFailure, WriteError

from services.routing.models.assignment import APPEAL, Assignment, AssignmentState
from services.routing.rules.models.area import MappedArea, Point
from services.routing.rules.models.versions import RULE_SET, RuleSet, RuleVersion
from services.routing.store.indexes import NEWEST, list_index
from shared.errors import Mistake, MistakesError
from shared.mongo import Database, RecordStore, listing

NEVER = datetime.min.replace(tzinfo=UTC)
AT_ONCE = 100
"""Points in one query for their areas."""
CANNOT_EXTRACT_GEO_KEYS = 16755
TRIED = dict.fromkeys(
    ("rev", "seq", "service", "kind", "district", "facts", "channel", "sealed_point", "routed_at", "department"), 1
)
"""What a trial reads of an assignment."""


class RuleSetStore(RecordStore[RuleSet]):
    """`routing.rule_sets`."""

    kind = RuleSet

    async def load(self) -> RuleSet:
        """The rule set, or an empty one."""
        return await self.get(RULE_SET) or RuleSet(id=RULE_SET)


class RuleVersionStore:
    """`routing.rule_versions`: published versions; none is ever changed."""

    def __init__(self, database: Database) -> None:
        self.collection = database["rule_versions"]

    async def keep(self, version: RuleVersion) -> None:
        """Archive a version."""
        await self.collection.update_one({"_id": version.number}, {"$setOnInsert": asdict(version)}, upsert=True)

    async def get(self, number: int) -> RuleVersion | None:
        """One version."""
        document = await self.collection.find_one({"_id": int(number)}, {"_id": 0})
        return RuleVersion(**document) if document else None

    async def newest(self, limit: int) -> list[RuleVersion]:
        """Versions, newest first."""
        found = await self.collection.find({}, {"_id": 0}).sort("_id", DESCENDING).limit(limit).to_list(None)
        return [RuleVersion(**document) for document in found]


class AreaStore:
    """`routing.areas`."""

    def __init__(self, database: Database) -> None:
        self.collection = database["areas"]

    async def create_indexes(self) -> None:
        """The index that finds the areas of a point."""
        await self.collection.create_index([("shape", GEOSPHERE)])

    async def put(self, area: MappedArea) -> None:
        """Add or replace an area. Raises MistakesError for a shape that encloses nothing, or crosses itself."""
        document = {**asdict(area), "_id": area.code}
        try:
            await self.collection.replace_one({"_id": area.code}, document, upsert=True)
        except (WriteError, OperationFailure) as error:
            if error.code != CANNOT_EXTRACT_GEO_KEYS:
                raise
            raise MistakesError([Mistake("/shape", "area_shape")]) from None

    async def remove(self, code: str) -> bool:
        """Remove an area; False if there is none."""
        return bool((await self.collection.delete_one({"_id": str(code)})).deleted_count)

    async def get(self, code: str) -> MappedArea | None:
        """One area."""
        document = await self.collection.find_one({"_id": str(code)}, {"_id": 0})
        return MappedArea(**document) if document else None

    async def all(self) -> list[MappedArea]:
        """All areas, ordered by code."""
        return [
            MappedArea(**document) for document in await self.collection.find({}, {"_id": 0}).sort("_id").to_list(None)
        ]

    async def codes(self) -> set[str]:
        """The codes of all areas."""
        return {document["_id"] for document in await self.collection.find({}, {"_id": 1}).to_list(None)}

    async def around(self, points: Sequence[Point]) -> list[frozenset[str]]:
        """For each point the codes of the areas that it is in; many points in one query."""
        found: list[frozenset[str]] = []
        for start in range(0, len(points), AT_ONCE):
            found += await self._around(points[start : start + AT_ONCE])
        return found

    async def _around(self, points: Sequence[Point]) -> list[frozenset[str]]:
        first, *others = (_holding(number, point) for number, point in enumerate(points))
        united = [{"$unionWith": {"coll": self.collection.name, "pipeline": one}} for one in others]
        rows = await self.collection.aggregate([*first, *united]).to_list(None)
        codes: list[set[str]] = [set() for _ in points]
        for row in rows:
            codes[row["point"]].add(row["_id"])
        return [frozenset(each) for each in codes]


def _holding(number: int, point: Point) -> list[dict[str, Any]]:
    """The stages that find the areas of one point, each marked with the point's number."""
    place = {"type": "Point", "coordinates": [point.longitude, point.latitude]}
    return [
        {"$match": {"shape": {"$geoIntersects": {"$geometry": place}}}},
        {"$project": {"_id": 1, "point": {"$literal": number}}},
    ]


class PastRequests:
    """Reads of `routing.assignments` what a trial needs; writes nothing."""

    def __init__(self, database: Database) -> None:
        self.collection = database["assignments"]

    async def latest(self, departments: Collection[str], limit: int) -> list[Assignment]:
        """The requests that were routed last at any of these departments, newest first, without appeals.

        Each department's newest are read from the index of its list, so that routing needs no index for trials.
        """
        newest: list[tuple[datetime, str]] = []
        with listing():
            for department in departments:
                newest += await self._newest_of(department, limit)
            numbers = [number for _, number in sorted(newest, reverse=True)[:limit]]
            found = await self.collection.find({"_id": {"$in": numbers}}, TRIED).to_list(None)
        return sorted(
            (Assignment.of(document) for document in found), key=lambda one: one.routed_at or NEVER, reverse=True
        )

    async def _newest_of(self, department: str, limit: int) -> list[tuple[datetime, str]]:
        query = {"department": str(department), "kind": {"$ne": APPEAL}, "routed_at": {"$type": "date"}}
        states = [str(state) for state in AssignmentState]
        found = self.collection.find({**query, "state": {"$in": states}}, {"routed_at": 1})
        rows = await found.sort(NEWEST).limit(limit).hint(list_index(NEWEST)).to_list(None)
        return [(row["routed_at"], row["_id"]) for row in rows]
