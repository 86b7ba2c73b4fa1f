"""`requests.quotas`: how many bytes of files each account has, counted atomically before they are written."""

from pymongo.errors import DuplicateKeyError

from shared.changing import attempts
from shared.mongo import Database


class QuotaStore:
    """One counter for each account. A crash can leave it too high; then a refused upload triggers a recount.

    Several uploads refused at once can count each other too; the next recount corrects that.
    """

    def __init__(self, database: Database) -> None:
        self.collection = database["quotas"]

    async def take(self, owner: str, size: int, most: int) -> bool:
        """Count `size` more bytes unless the total would exceed `most`."""
        async for _ in attempts():
            try:
                await self.collection.update_one(
                    {"_id": str(owner), "bytes": {"$lte": most - size}}, {"$inc": {"bytes": size}}, upsert=True
                )
            except DuplicateKeyError:  # full, or two made the counter at once and now it exists
                if await self.held(owner) > most - size:
                    return False
            else:
                return True
        return False

    async def give_back(self, owner: str, size: int) -> None:
        """Count `size` bytes less."""
        await self.collection.update_one({"_id": str(owner)}, {"$inc": {"bytes": -size}})

    async def held(self, owner: str) -> int:
        """The value of the counter."""
        document = await self.collection.find_one({"_id": str(owner)})
        return int(document["bytes"]) if document else 0

    async def correct(self, owner: str, held: int, true: int) -> None:
        """Replace the counter's value with the true one, unless it changed since."""
        await self.collection.update_one({"_id": str(owner), "bytes": held}, {"$set": {"bytes": true}})
