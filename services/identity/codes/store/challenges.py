"""`identity.challenges`: purposes of codes, and how often they were sent and tried."""

from dataclasses import asdict
from typing import Any

from pymongo import ASCENDING

from services.identity.accounts.models.challenge import ANY_WAY, KEPT, MAX_TRIES_PER_CODE, Challenge, Purpose, Send
from services.identity.accounts.store.inserting import inserted
from shared.mongo import Database


class ChallengeStore:
    """`identity.challenges`: deleted a day after the last code."""

    def __init__(self, database: Database) -> None:
        self.collection = database["challenges"]

    async def create_indexes(self) -> None:
        """One index, by which old ones expire."""
        await self.collection.create_index([("expires_at", ASCENDING)], expireAfterSeconds=0)

    async def get(self, challenge_id: str, purpose: Purpose) -> Challenge | None:
        """The challenge if it has that purpose, or None."""
        found = await self.collection.find_one({"_id": str(challenge_id), "purpose": str(purpose)})
        if found is None:
            return None
        sends = tuple(Send(send["at"], send["channel"]) for send in found["sends"])
        bound = (found["_id"], found["purpose"], found["subject"], found["number"])
        return Challenge(*bound, sends, found["tries"], tuple(found.get("ways", ANY_WAY)))

    async def open(self, challenge: Challenge) -> bool:
        """Insert a new challenge; False if the id is taken."""
        bound = {"purpose": challenge.purpose, "subject": challenge.subject, "number": challenge.number}
        ways = {"ways": list(challenge.ways)}
        return await inserted(self.collection, {"_id": challenge.id, **bound, **ways, **_sent(challenge)})

    async def replace(self, old: Challenge, new: Challenge) -> bool:
        """Note another send, with a new count of tries; False if one was sent since `old` was read."""
        last = len(old.sends) - 1
        as_read = {"_id": old.id, "sends": {"$size": last + 1}, f"sends.{last}.at": old.sends[last].at}
        result = await self.collection.update_one(as_read, {"$set": _sent(new)})
        return result.matched_count == 1

    async def claim_try(self, challenge_id: str) -> bool:
        """Count one try of the newest code, atomically; False if none is left or there is no such challenge."""
        left = {"_id": str(challenge_id), "tries": {"$lt": MAX_TRIES_PER_CODE}}
        result = await self.collection.update_one(left, {"$inc": {"tries": 1}})
        return result.matched_count == 1

    async def touch(self, challenge_id: str) -> None:
        """A write without meaning, which takes as long as writing a code for a known citizen."""
        await self.collection.update_one({"_id": str(challenge_id)}, {"$inc": {"touched": 1}})


def _sent(challenge: Challenge) -> dict[str, Any]:
    sends = [asdict(send) for send in challenge.sends]
    return {"sends": sends, "tries": 0, "expires_at": challenge.sends[-1].at + KEPT}
