"""`identity.departments`: the copy that departments' software logs in against."""

from datetime import datetime

from services.identity.accounts.models.staff import Department
from shared.mongo import RecordStore


class DepartmentStore(RecordStore[Department]):
    """`identity.departments`."""

    kind = Department

    async def ended_since(self, since: datetime) -> list[Department]:
        """Departments with secrets that ended since then."""
        found = await self.collection.find({"ended.at": {"$gte": since}}).to_list(None)
        return [Department.of(document) for document in found]

    async def with_acts(self) -> list[Department]:
        """Departments with acts that are not known to be in the audit yet."""
        return [
            Department.of(found) for found in await self.collection.find({"acts.0": {"$exists": True}}).to_list(None)
        ]
