"""`requests.attachments`: records of attachments."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from pymongo import ASCENDING, ReturnDocument

from services.requests.request.models.attachment import Attachment, FileState
from shared.mongo import RecordStore, index_where, text

LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


class AttachmentStore(RecordStore[Attachment]):
    """Records of attachments. They publish no events."""

    kind = Attachment

    async def create_indexes(self) -> None:
        """Unique Idempotency-Keys, and due attachments."""
        await self.collection.create_index(
            [("owner", ASCENDING), ("idempotency_key", ASCENDING)],
            unique=True,
            partialFilterExpression={"idempotency_key": {"$type": "string"}},
        )
        await index_where(self.collection, "due_at", "date")

    async def by_key(self, owner: str, key: str) -> Attachment | None:
        """The attachment that an account sent with an Idempotency-Key."""
        return await self.first({"owner": str(owner), "idempotency_key": text(key)})

    async def free(self, owner: str, ids: Collection[str]) -> dict[str, Attachment]:
        """Those of the attachments that the account sent and that have no request yet, by id."""
        states = {"$in": [FileState.CLEAN, FileState.QUARANTINED]}
        mine = {"_id": {"$in": [str(one) for one in ids]}, "owner": str(owner)}
        query = {**mine, "request": None, "kind": "attachment", "state": states}
        return {attachment.id: attachment for attachment in await self.find(query)}

    async def claim_due(self, lease: timedelta) -> Attachment | None:
        """One due attachment, leased to the caller, or None."""
        later = {"$add": ["$$NOW", lease // timedelta(milliseconds=1)]}
        document = await self.collection.find_one_and_update(
            {"due_at": {"$type": "date"}, "$expr": {"$lt": ["$due_at", "$$NOW"]}},
            [{"$set": {"due_at": later, "rev": {"$add": ["$rev", 1]}}}],
            return_document=ReturnDocument.AFTER,
        )
        return Attachment.of(document) if document else None

    async def bytes_of(self, owner: str) -> int:
        """The total bytes of an account's files that count against its quota."""
        counted = {"$match": {**of_owner(owner), "counted": True}}
        summed = {"$group": {"_id": None, "bytes": {"$sum": "$bytes"}}}
        found = await self.collection.aggregate([counted, summed]).to_list(1)
        return int(found[0]["bytes"]) if found else 0

    async def bind(self, number: str, ids: Collection[str]) -> None:
        """Note that these belong to a request. Clean ones are finished; the sweep processes the others."""
        mine = {"_id": {"$in": [str(one) for one in ids]}}
        await self.collection.update_many(mine, {"$set": {"request": number}, "$inc": {"rev": 1}})
        await self.collection.update_many(
            {**mine, "state": FileState.CLEAN}, {"$set": {"due_at": None}, "$inc": {"rev": 1}}
        )

    async def expire_unused(self, owner: str) -> None:
        """Make an account's files without a request due for removal by the sweep at once.

        Repeat it: a file that was being written at the last call has a later due time again.
        """
        kept = [{"created_at": {"$gt": LONG_AGO}}, {"$expr": {"$gt": ["$due_at", "$$NOW"]}}]
        mine = {**of_owner(owner), "request": None, "$or": kept}
        await self.collection.update_many(mine, [{"$set": {"created_at": LONG_AGO, "due_at": "$$NOW"}}])

    async def delete(self, attachment_id: str) -> None:
        """Delete a record."""
        await self.collection.delete_one({"_id": str(attachment_id)})


def of_owner(owner: str) -> dict[str, object]:
    """The query for all attachments of an account, in a form that the index on keys can answer."""
    return {"owner": str(owner), "idempotency_key": {"$type": "string"}}
