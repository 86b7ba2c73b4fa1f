"""`identity.challenges`: counters of codes."""

from pymongo import ASCENDING

from services.identity.models.challenge import KEPT, TRIES, TRIES_A_CODE, Challenge
from services.identity.store.inserting import inserted
from shared.mongo import Database


class ChallengeStore:
    """`identity.challenges`: counters of codes, deleted a day after the last code."""

    def __init__(self, database: Database) -> None:
        self.collection = database["challenges"]

    async def create_indexes(self) -> None:
        """Old ones go by themselves."""
        await self.collection.create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)

    async def get(self, challenge_id: str) -> Challenge | None:
        """The counters, or None."""
        found = await self.collection.find_one({"_id": str(challenge_id)})
        return Challenge(found["_id"], tuple(found["sends"]), found["tries"], found["tries_in_all"]) if found else None

    async def open(self, challenge: Challenge) -> bool:
        """Keep a new challenge; False when one with this id is there."""
        counters = {"sends": list(challenge.sends), "tries": 0, "tries_in_all": 0}
        expires_at = challenge.sends[-1] + KEPT
        return await inserted(self.collection, {"_id": challenge.id, **counters, "expires_at": expires_at})

    async def replace(self, old: Challenge, new: Challenge) -> bool:
        """Exchange it unless a code was sent since `old` was read; tries counted meanwhile stay counted."""
        changed = {"sends": list(new.sends), "tries": 0, "expires_at": new.sends[-1] + KEPT}
        result = await self.collection.update_one(
            {"_id": old.id, "sends": list(old.sends)},
            {"$set": changed, "$inc": {"tries_in_all": new.tries_in_all - old.tries_in_all}},
        )
        return result.matched_count == 1

    async def claim_try(self, challenge_id: str) -> bool:
        """Count one try of the newest code, atomically; False when none is left, or no such challenge."""
        left = {"_id": str(challenge_id), "tries": {"$lt": TRIES_A_CODE}, "tries_in_all": {"$lt": TRIES}}
        result = await self.collection.update_one(left, {"$inc": {"tries": 1, "tries_in_all": 1}})
        return result.matched_count == 1
