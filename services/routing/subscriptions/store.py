"""`routing.subscriptions`: the progress of each subscription, one small document each.

Every write is guarded by the revision, so that of two replicas one starts again. Times come from the database server
(`$$NOW`), with the document that they are compared with.
"""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import TypeVar, cast

from pymongo.errors import DuplicateKeyError

from services.routing.subscriptions.models.position import Position
from services.routing.subscriptions.models.sending import Sending
from shared.changing import OvertakenError
from shared.mongo import Database

AnyProgress = Position | Sending
P = TypeVar("P", bound=AnyProgress)


class ProgressStore:
    """Reads and writes progress of any kind."""

    def __init__(self, database: Database) -> None:
        self._collection = database["subscriptions"]

    async def load(self, kind: type[P], subscription: str) -> tuple[P | None, datetime]:
        """The progress of one, and the server's time; None where it is gone."""
        found = await self.load_many(kind, [subscription])
        return found[0] if found else (None, datetime.now(UTC))

    async def load_many(self, kind: type[P], subscriptions: Collection[str]) -> list[tuple[P, datetime]]:
        """The progress of those that are there, each with the server's time."""
        those = {"$match": {"_id": {"$in": sorted(subscriptions)}}}
        found = await self._collection.aggregate([those, {"$set": {"now": "$$NOW"}}]).to_list(None)
        return [(cast(P, kind.of(document)), document.pop("now")) for document in found]

    async def add(self, progress: AnyProgress) -> None:
        """Store the progress of a new subscription, once."""
        try:
            await self._collection.insert_one(progress.document())
        except DuplicateKeyError:
            return

    async def save(self, progress: AnyProgress) -> None:
        """Write it where nobody changed it since it was loaded; it may be saved again. Raises OvertakenError."""
        known, progress.rev = progress.rev, progress.rev + 1
        done = await self._collection.replace_one({"_id": progress.id, "rev": known}, progress.document())
        if not done.matched_count:
            raise OvertakenError

    async def remove(self, subscription: str) -> None:
        """Forget it."""
        await self._collection.delete_one({"_id": subscription})
