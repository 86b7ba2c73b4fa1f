"""Moves the stored times of one request or code, so that what would be due in days is due now."""

from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from tools.portal import until


class TimeTravel:
    """The stored times of a running suite."""

    def __init__(self, servers: Servers, prefix: str = "rabta") -> None:
        self._client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
        self._requests = self._client[f"{prefix}_requests"]["requests"]
        self._assignments = self._client[f"{prefix}_routing"]["assignments"]
        self._challenges = self._client[f"{prefix}_identity"]["challenges"]
        self._citizens = self._client[f"{prefix}_identity"]["citizens"]

    async def clock_of(self, number: str) -> tuple[str | None, timedelta | None]:
        """What a request's clock does next, and the time until then."""
        document = await self._requests.find_one({"_id": number})
        assert document is not None
        at = document["clock_at"]
        return document["clock"], at.replace(tzinfo=UTC) - datetime.now(UTC) if at else None

    async def to(self, number: str, clock: str) -> None:
        """Wait until the clock's next step is this one, and make it due."""

        async def go() -> bool | None:
            now = {"clock_at": datetime.now(UTC) - timedelta(seconds=1)}
            done = await self._requests.update_one({"_id": number, "clock": clock}, {"$set": now})
            return True if done.matched_count else None

        await until(go, f"{number} to wait with {clock} due next")

    async def age(self, number: str, days: float) -> None:
        """Move the start of the citizen's time to some days earlier."""
        earlier = [{"$subtract": ["$waiting_since", int(days * 86_400_000)]}]
        await self._requests.update_one({"_id": number}, [{"$set": {"waiting_since": earlier[0]}}])

    async def due(self, number: str, days: float) -> None:
        """Set the due date of the citizen's view to some days ago."""
        ago = {"due_at": datetime.now(UTC) - timedelta(days=days)}
        done = await self._requests.update_one({"_id": number}, {"$set": ago, "$inc": {"rev": 1}})
        assert done.matched_count == 1

    async def late(self, number: str, days: float) -> None:
        """Set the due date of a request to some days ago, at its department and in the citizen's view."""
        assignment = await self._assignments.find_one({"_id": number})
        assert assignment is not None
        moved = assignment["due_at"].replace(tzinfo=UTC) - datetime.now(UTC) + timedelta(days=days)
        earlier = int(moved.total_seconds() * 1000)
        for records, names in (
            (self._assignments, ("routed_at", "respond_by", "due_at", "warn_at", "clock_at")),
            (self._requests, ("due_at", "respond_by")),
        ):
            change: dict[str, Any] = {name: {"$subtract": [f"${name}", earlier]} for name in names}
            if records is self._assignments:
                at = {"$subtract": ["$$it.at", earlier]}
                levels = {"input": "$levels", "as": "it", "in": {"$mergeObjects": ["$$it", {"at": at}]}}
                change["levels"] = {"$map": levels}
            await records.update_one({"_id": number}, [{"$set": {**change, "rev": {"$add": ["$rev", 1]}}}])

    async def wait_for_code(self, challenge: str, seconds: int) -> None:
        """Move the sending of a challenge's codes to some seconds earlier, also in the account."""
        earlier = {"$mergeObjects": ["$$it", {"at": {"$subtract": ["$$it.at", 1000 * seconds]}}]}
        sends = {"$map": {"input": "$sends", "as": "it", "in": earlier}}
        done = await self._challenges.update_one({"_id": challenge}, [{"$set": {"sends": sends}}])
        assert done.matched_count == 1
        own = {"$cond": [{"$eq": ["$$it.challenge", challenge]}, earlier, "$$it"]}
        deliveries = {"$map": {"input": "$deliveries", "as": "it", "in": own}}
        moved = [{"$set": {"deliveries": deliveries, "rev": {"$add": ["$rev", 1]}}}]
        await self._citizens.update_one({"deliveries.challenge": challenge}, moved)
