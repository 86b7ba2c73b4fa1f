"""What the messages about a request tell of it, in the collection of notifications."""

from pymongo import ASCENDING

from services.notifier.models import Notification
from services.notifier.models.inbound import PHONE
from services.notifier.store.notifications import SOURCES, TO_FOLLOWERS
from shared.mongo.client import Collection

MONTH = 30 * 24 * 3600


class AskedAboutStore:
    """Looks up requests by the messages about them: there is no other copy here."""

    def __init__(self, collection: Collection) -> None:
        self.collection = collection

    async def create_indexes(self) -> None:
        """Answers to phones that belong to nobody here go after a month."""
        phones = {"citizen_id": {"$gte": PHONE, "$lt": f"{PHONE}~"}}
        await self.collection.create_index(
            [("created_at", ASCENDING)], partialFilterExpression=phones, expireAfterSeconds=MONTH
        )

    async def messages(self, number: str) -> list[Notification]:
        """What was recorded for the citizen of a request."""
        of_it = [{"_id": {"$gte": f"{source}/{number}/", "$lt": f"{source}/{number}0"}} for source in SOURCES]
        query = {"$or": of_it, "template": {"$nin": list(TO_FOLLOWERS)}}
        found = await self.collection.find(query).to_list(None)
        return [Notification.of(document) for document in found]
