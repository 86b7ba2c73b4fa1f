"""`requests.quotas`: how many bytes of files each account has, counted atomically before they are written."""

from pymongo.errors import DuplicateKeyError

from shared.changing import attempts
from shared.mongo import Database


class QuotaStore:
    """One counter for each account. A crash can only leave it too high; a refused upload has it counted anew.

    So can several that are refused at once, each of whom counts the others; the next one puts it right.
    """

    def __init__(self, database: Database) -> None:
        self.collection = database["quotas"]

    async def take(self, owner: str, size: int, most: int) -> bool:
        """Count `size` more bytes unless that would be more than `most` in all."""
        async for _ in attempts():
            try:
                await self.collection.update_one(
                    {"_id": str(owner), "bytes": {"$lte": most - size}}, {"$inc": {"bytes": size}}, upsert=True
                )
            except DuplicateKeyError:  # full; or two made the counter at once, and now it is there
                if await self.held(owner) > most - size:
                    return False
            else:
                return True
        return False

    async def give_back(self, owner: str, size: int) -> None:
        """Count `size` bytes less."""
        await self.collection.update_one({"_id": str(owner)}, {"$inc": {"bytes": -size}})

    async def held(self, owner: str) -> int:
        """What the counter says."""
        document = await self.collection.find_one({"_id": str(owner)})
        return int(document["bytes"]) if document else 0

    async def correct(self, owner: str, held: int, true: int) -> None:
        """Put the true number in place of what the counter said, unless it has moved since."""
        await self.collection.update_one({"_id": str(owner), "bytes": held}, {"$set": {"bytes": true}})
