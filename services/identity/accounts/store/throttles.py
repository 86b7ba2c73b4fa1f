"""`identity.tries`: how often something was tried, by the rules of `models.throttle`."""

from datetime import datetime, timedelta
from typing import Any

from pymongo import ASCENDING
from pymongo.errors import DuplicateKeyError

from services.identity.accounts.models.throttle import Rule, TokenBucket, Tries
from services.identity.accounts.store.inserting import inserted
from shared.mongo import Database


class ThrottleStore:
    """`identity.tries`: one document for each counter; expired ones are deleted.

    A change is guarded by the revision and repeated if another writer was faster; a refused attempt writes nothing, so
    the loop ends after at most as many turns as attempts are allowed. A bucket, which hundreds may use at once, is
    changed by the database in one step; its document holds only the time when it will be full again.
    """

    def __init__(self, database: Database) -> None:
        self.collection = database["tries"]

    async def create_indexes(self) -> None:
        """One index, by which old ones expire."""
        await self.collection.create_index([("ends_at", ASCENDING)], expireAfterSeconds=0)

    async def claim(self, key: str, rule: Rule, now: datetime) -> datetime | None:
        """Count one attempt, atomically; None if it is allowed, else when the next one is."""
        if isinstance(rule, TokenBucket):
            return await self._take(key, rule, now)
        while True:
            # Also at a new counter: otherwise the response time would tell whether there was one.
            tries, rev = await self._read(key)
            wait = rule.wait(tries, now)
            if wait is not None:
                return wait
            if await self._write(key, rev, rule.count(tries, now), rule, now):
                return None

    async def wait(self, key: str, rule: Rule, now: datetime) -> datetime | None:
        """When another attempt is allowed; None if it is allowed now."""
        return rule.wait((await self._read(key))[0], now)

    async def give_back(self, key: str, rule: Rule, now: datetime) -> None:
        """Undo one attempt, with the lockout it may have started."""
        if isinstance(rule, TokenBucket):
            less = {"$max": [now, {"$subtract": ["$ends_at", _milliseconds(rule)]}]}
            await self.collection.update_one({"_id": str(key)}, [{"$set": {"ends_at": less}}])
            return
        while True:
            tries, rev = await self._read(key)
            if rev == 0 or await self._write(key, rev, rule.uncount(tries, now), rule, now):
                return

    async def clear(self, key: str) -> None:
        """Delete the counter."""
        await self.collection.delete_one({"_id": str(key)})

    async def _take(self, key: str, bucket: TokenBucket, now: datetime) -> datetime | None:
        room = {"_id": str(key), "ends_at": {"$lte": now + (bucket.most - 1) * bucket.every}}
        more = {"$add": [{"$max": ["$ends_at", now]}, _milliseconds(bucket)]}
        while True:
            try:
                await self.collection.update_one(room, [{"$set": {"ends_at": more}}], upsert=True)
            except DuplicateKeyError:  # none left, or another process has just made the document
                wait = await self.wait(key, bucket, now)
                if wait is not None:
                    return wait
            else:
                return None

    async def _read(self, key: str) -> tuple[Tries, int]:
        found = await self.collection.find_one({"_id": str(key)})
        if found is None:
            return Tries(), 0
        if "rev" not in found:
            return Tries((found["ends_at"],)), 0
        return Tries(tuple(found["at"]), found["strikes"], found["locked_until"]), found["rev"]

    async def _write(self, key: str, rev: int, tries: Tries, rule: Rule, now: datetime) -> bool:
        document: dict[str, Any] = {
            "at": list(tries.at),
            "strikes": tries.strikes,
            "locked_until": tries.locked_until,
            "ends_at": rule.kept_until(tries, now),
            "rev": rev + 1,
        }
        if rev == 0:
            return await inserted(self.collection, {"_id": str(key), **document})
        result = await self.collection.update_one({"_id": str(key), "rev": rev}, {"$set": document})
        return result.matched_count == 1


def _milliseconds(bucket: TokenBucket) -> int:
    """The milliseconds after which one attempt is refilled."""
    return bucket.every // timedelta(milliseconds=1)
