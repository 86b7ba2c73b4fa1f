"""`requests.receipt_keys`: one document with the keys that sign receipts and roots, newest first, none ever removed."""

from contextlib import suppress
from dataclasses import asdict

from pymongo.errors import DuplicateKeyError

from services.requests.proof.models.receipt import ReceiptKey
from shared.mongo import Database

RECEIPTS = "receipts"
ABLE = 2
"""So many of the newest keys keep their private half; what an older one signed can be verified, not signed again."""


class ReceiptKeyStore:
    """Keeps the keys."""

    def __init__(self, database: Database) -> None:
        self.collection = database["receipt_keys"]

    async def all(self) -> list[ReceiptKey]:
        """The keys; none before the first start."""
        found = await self.collection.find_one({"_id": RECEIPTS})
        return [ReceiptKey(**key) for key in found["keys"]] if found else []

    async def add(self, key: ReceiptKey, known: list[ReceiptKey]) -> None:
        """Put a key in front of those that are known; do nothing if somebody else has just added one."""
        if not known:
            with suppress(DuplicateKeyError):
                await self.collection.insert_one({"_id": RECEIPTS, "keys": [asdict(key)]})
            return
        keys = [asdict(kept) for kept in (key, *known)]
        for old in keys[ABLE:]:
            old["sealed"] = ""
        await self.collection.update_one({"_id": RECEIPTS, "keys.0.kid": known[0].kid}, {"$set": {"keys": keys}})
