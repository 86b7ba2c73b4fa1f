"""`requests.departments`: which departments there are, so that no rule leads to one that is not."""

from services.requests.request.models.department import DepartmentCopy
from shared.mongo import RecordStore


class DepartmentStore(RecordStore[DepartmentCopy]):
    """`requests.departments`."""

    kind = DepartmentCopy

    async def codes(self) -> set[str]:
        """The codes of all that were heard of."""
        found = await self.collection.find({}, {"_id": 1}).to_list(None)
        return {document["_id"] for document in found}
