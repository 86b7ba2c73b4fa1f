"""`requests.accesses`: who looked at which request."""

from pymongo import ASCENDING

from services.requests.models.access import Look
from shared.mongo import RecordStore

NOBODY = "erased"


class AccessStore(RecordStore[Look]):
    """`requests.accesses`."""

    kind = Look

    async def create_indexes(self) -> None:
        """One index for those at an erased citizen's requests."""
        await super().create_indexes()
        await self.collection.create_index([("citizen_id", ASCENDING)])

    async def forget_citizen(self, citizen_id: str) -> None:
        """Take the citizen out; the bodies of the events go when they have arrived."""
        whose = {"citizen_id": str(citizen_id)}
        await self.collection.update_many(whose, [{"$set": {"citizen_id": NOBODY, "forget_to": "$seq"}}])
