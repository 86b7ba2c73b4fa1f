"""Requests due for anonymisation, and `requests.retentions`: the schedule, and what each run did."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.requests.life.models import Overdue
from services.requests.request.models.lifecycle import Ended, State
from services.requests.request.models.request import Request
from shared.mongo import Database

HAS_ENDED = {"ended": {"$gt": ""}}
SCHEDULE = "schedule"
PRIMARY = "primary"


class RetentionStore:
    """Queries of retention, and its schedule; requests are written through their own store."""

    def __init__(self, database: Database) -> None:
        self._requests = database["requests"]
        self._runs = database["retentions"]

    async def create_indexes(self) -> None:
        """One index of ended requests that are not anonymised."""
        await self._requests.create_index(
            [("ended", ASCENDING), ("service", ASCENDING), ("changed_at", ASCENDING)], partialFilterExpression=HAS_ENDED
        )

    async def services(self, ended: Ended) -> list[str]:
        """The services with requests that ended so; one index step for each."""
        found: list[str] = []
        while True:
            query = {"ended": ended, "service": {"$gt": found[-1] if found else ""}}
            following = await self._requests.find_one(query, {"service": 1}, sort=[("service", ASCENDING)])
            if following is None:
                return found
            found.append(following["service"])

    async def overdue(self, service: str, ended: Ended, before: datetime) -> Overdue | None:
        """The number of overdue requests and the oldest; None if there is none."""
        steps = overdue_steps(service, ended, before)
        summed = {"$group": {"_id": None, "count": {"$sum": 1}, "oldest": {"$min": "$changed_at"}}}
        async for found in self._requests.aggregate([*steps, summed]):
            return Overdue(service, ended, before, found["count"], found["oldest"])
        return None

    async def oldest(self, overdue: Overdue, limit: int) -> list[Request]:
        """Some overdue requests, oldest first."""
        steps = overdue_steps(overdue.service, overdue.ended, overdue.before)
        found = await self._requests.aggregate([*steps, {"$limit": limit}, {"$unset": PRIMARY}]).to_list(None)
        return [Request.of(document) for document in found]

    async def claim(self, every: timedelta) -> bool:
        """Claim the schedule if it is due by the server's clock; whether it was."""
        with suppress(DuplicateKeyError):
            await self._runs.insert_one({"_id": SCHEDULE, "due_at": datetime.fromtimestamp(0, UTC)})
        again = {"$add": ["$$NOW", every // timedelta(milliseconds=1)]}
        due = {"_id": SCHEDULE, "$expr": {"$lte": ["$due_at", "$$NOW"]}}
        return bool((await self._runs.update_one(due, [{"$set": {"due_at": again}}])).modified_count)

    async def note(self, at: datetime, by: str, done: Mapping[str, int]) -> None:
        """Record what a run did: numbers by service and by how they had ended."""
        await self._runs.insert_one({"at": at, "by": by, "anonymised": dict(done), "requests": sum(done.values())})


def overdue_steps(service: str, ended: Ended, before: datetime) -> list[dict[str, Any]]:
    """The pipeline that finds overdue requests, oldest first.

    A merged request is overdue only together with its primary: until then a department reads it there, and it may be
    revived.
    """
    overdue = {"ended": ended, "service": str(service), "changed_at": {"$lt": before}, "passes_on": {"$ne": True}}
    primary = {"from": "requests", "localField": "duplicate_of", "foreignField": "_id", "as": PRIMARY}
    kept = {"anonymised_at": None, "$or": [{"ended": None}, {"changed_at": {"$gte": before}}]}
    lives_on = {"$elemMatch": {"$or": [kept, {"passes_on": True}]}}
    return [
        {"$match": overdue},
        {"$sort": {"changed_at": ASCENDING}},
        {"$lookup": primary},
        {"$match": {"$or": [{"state": {"$ne": str(State.DUPLICATE)}}, {PRIMARY: {"$not": lives_on}}]}},
    ]
