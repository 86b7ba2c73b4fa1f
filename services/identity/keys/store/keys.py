"""`identity.keys`: one document with the signing keys."""

from dataclasses import asdict

from services.identity.accounts.store.inserting import inserted
from services.identity.keys.models.keys import SigningKey
from shared.mongo import Database

KEYS_KEPT = 2
SIGNING = "signing"


class KeyStore:
    """`identity.keys`: one document with the signing keys, newest first."""

    def __init__(self, database: Database) -> None:
        self.collection = database["keys"]

    async def all(self) -> list[SigningKey]:
        """The keys; none before the first start."""
        found = await self.collection.find_one({"_id": SIGNING})
        return [SigningKey(**key) for key in found["keys"]] if found else []

    async def add(self, key: SigningKey, newest: str | None) -> None:
        """Add a key if `newest` is still the newest (None: if there is none); else do nothing."""
        if newest is None:
            await inserted(self.collection, {"_id": SIGNING, "keys": [asdict(key)]})
            return
        front = {"$each": [asdict(key)], "$position": 0, "$slice": KEYS_KEPT}
        await self.collection.update_one({"_id": SIGNING, "keys.0.kid": newest}, {"$push": {"keys": front}})
