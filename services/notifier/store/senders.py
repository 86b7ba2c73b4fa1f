"""Counts of recent answers to each mobile, in MongoDB."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING, ReturnDocument

from shared.clock import Clock
from shared.mongo.client import Collection

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MAX_IN_AN_HOUR = 10


class SenderStore:
    """Counts answers by the blind index of the mobile; entries expire after a day."""

    def __init__(self, collection: Collection, clock: Clock) -> None:
        self.collection = collection
        self._clock = clock

    async def create_indexes(self) -> None:
        """Expire entries a day after the last answer."""
        await self.collection.create_index([("at", ASCENDING)], expireAfterSeconds=round(DAY.total_seconds()))

    async def may_answer(self, index: str, name: str, *, is_help: bool) -> bool:
        """Whether the SMS with that id gets an answer; idempotent. Help is sent once a day."""
        now = self._clock()
        await self.collection.update_one({"_id": index}, {"$setOnInsert": {"at": now, "answers": []}}, upsert=True)
        found = await self.collection.find_one_and_update(
            {"_id": index}, [{"$set": _noted(name, now, is_help=is_help)}], return_document=ReturnDocument.AFTER
        )
        return any(answer["name"] == name for answer in found["answers"])


def _noted(name: str, now: datetime, *, is_help: bool) -> dict[str, Any]:
    """The pipeline: keeps the answers of the last day, and adds this one if it is new and allowed."""
    lately = {"$filter": {"input": "$answers", "cond": {"$gt": ["$$this.at", now - DAY]}}}
    in_an_hour = _size(lately, {"$gt": ["$$this.at", now - HOUR]})
    refused = [{"$in": [{"$literal": name}, "$answers.name"]}, {"$gte": [in_an_hour, MAX_IN_AN_HOUR]}]
    if is_help:
        refused.append({"$gt": [_size(lately, "$$this.help"), 0]})
    new = {"name": {"$literal": name}, "at": now, "help": is_help}
    return {"at": now, "answers": {"$cond": [{"$or": refused}, lately, {"$concatArrays": [lately, [new]]}]}}


def _size(of: dict[str, Any], cond: Any) -> dict[str, Any]:
    return {"$size": {"$filter": {"input": of, "cond": cond}}}
