"""Messages that are combined, in the collection of notifications."""

from collections.abc import Collection as Ids
from collections.abc import Mapping

from pymongo import UpdateOne

from services.notifier.models import Notification, State
from services.notifier.models.combining import LATER
from services.notifier.store.notifications import ids_about
from shared.mongo.client import Collection


class CombiningStore:
    """Notifications as parts of each other."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    async def find(self, ids: Ids[str]) -> list[Notification]:
        """Those of the ids that are recorded."""
        found = await self.collection.find({"_id": {"$in": list(ids)}}).to_list(None)
        return [Notification.of(document) for document in found]

    async def later(self, numbers: Ids[str]) -> list[Notification]:
        """The messages about these requests that may include others."""
        ranges = [ids for number in numbers for ids in ids_about(number)]
        found = await self.collection.find({"$or": ranges, "template": {"$in": list(LATER)}}).to_list(None)
        return [Notification.of(document) for document in found]

    async def include(self, included_in: Mapping[str, str]) -> int:
        """Cancel those that still wait, by their ids; the other message includes each. How many were cancelled."""
        waiting = {"state": State.CREATED.value, "event": {"$exists": True}, "claim": {"$exists": False}}
        writes = [
            UpdateOne(
                {"_id": earlier, **waiting},
                {"$set": {"state": State.CANCELLED.value, "included_in": later}, "$unset": {"due_at": ""}},
            )
            for earlier, later in included_in.items()
        ]
        return int((await self.collection.bulk_write(writes, ordered=False)).modified_count)
