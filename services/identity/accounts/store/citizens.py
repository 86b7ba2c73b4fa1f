"""`identity.citizens`: one document for each account."""

from datetime import datetime, timedelta

from pymongo import ASCENDING

from services.identity.accounts.models.citizen import Citizen
from shared.mongo import RecordStore, index_where, text


class CitizenStore(RecordStore[Citizen]):
    """`identity.citizens`."""

    kind = Citizen

    async def create_indexes(self) -> None:
        """Unique CNICs and mobiles, and one index for each query."""
        await super().create_indexes()
        for name in ("cnic_index", "mobile_index"):
            await self.collection.create_index([(name, ASCENDING)], unique=True)
        for name in ("codes.challenge", "deliveries.challenge", "reset.challenge", "ending.how", "mobile_undos.index"):
            await index_where(self.collection, name, "string")
        for name in ("check_at", "mobile_undos.until"):
            await index_where(self.collection, name, "date")
        unproven = {"verified_at": None, "erased_at": None}
        await self.collection.create_index([("registered_at", ASCENDING)], partialFilterExpression=unproven)

    async def owners(self, cnic_index: str, mobile_index: str) -> list[Citizen]:
        """The accounts that hold this CNIC or this mobile: none, one or two."""
        either = {"$or": [{"cnic_index": str(cnic_index)}, {"mobile_index": str(mobile_index)}]}
        return await self.find(either)

    async def by_index(self, index: str) -> Citizen | None:
        """The account with this CNIC or mobile."""
        return await self.first({"$or": [{"cnic_index": str(index)}, {"mobile_index": str(index)}]})

    async def by_undo(self, index: str) -> Citizen | None:
        """The account whose change of mobile is undone by the code with this blind index."""
        return await self.first({"mobile_undos.index": text(index)})

    async def claim_checks(self, limit: int, again: timedelta) -> list[Citizen]:
        """Accounts to ask the registry about now; after `again` they are due again."""
        due = {"check_at": {"$type": "date"}, "$expr": {"$lte": ["$check_at", "$$NOW"]}}
        found = await self.collection.find(due, {"_id": 1}).limit(limit).to_list(None)
        later = [{"$set": {"check_at": {"$add": ["$$NOW", again // timedelta(milliseconds=1)]}}}]
        claimed = []
        for document in found:
            mine = await self.collection.find_one_and_update({"_id": document["_id"], **due}, later)
            if mine is not None:
                claimed.append(Citizen.of(mine))
        return claimed

    async def forget_undos(self, now: datetime) -> None:
        """Remove old mobiles whose undo has expired."""
        over = {"until": {"$lt": now}}
        gone = {"$pull": {"mobile_undos": over}, "$inc": {"rev": 1}}
        await self.collection.update_many({"mobile_undos.until": {"$lt": now, "$type": "date"}}, gone)

    async def unproven(self, before: datetime, limit: int) -> list[Citizen]:
        """Unproven registrations from before that time, oldest first."""
        query = {"verified_at": None, "erased_at": None, "registered_at": {"$lt": before}}
        return await self.find(query, sort=[("registered_at", ASCENDING)], limit=limit)

    async def by_reset(self, challenge: str) -> Citizen | None:
        """The account with a password reset of this challenge."""
        return await self.first({"reset.challenge": text(challenge)})

    async def ending(self, limit: int) -> list[Citizen]:
        """Accounts with sessions that are still to be ended."""
        return await self.find({"ending.how": {"$type": "string"}}, limit=limit)

    async def by_delivery(self, challenge: str) -> Citizen | None:
        """The account to which codes of this challenge were sent within a day."""
        return await self.first({"deliveries.challenge": text(challenge)})

    async def by_challenge(self, challenge: str) -> Citizen | None:
        """The account with a code of this challenge."""
        return await self.first({"codes.challenge": text(challenge)})
