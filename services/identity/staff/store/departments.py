"""`identity.departments`: credentials of departments' software."""

from datetime import datetime

from services.identity.accounts.models.staff import DepartmentSecret
from shared.mongo import RecordStore


class DepartmentSecretStore(RecordStore[DepartmentSecret]):
    """`identity.departments`."""

    kind = DepartmentSecret

    async def ended_since(self, since: datetime) -> list[DepartmentSecret]:
        """Departments with secrets ended since then."""
        found = await self.collection.find({"ended.at": {"$gte": since}}).to_list(None)
        return [DepartmentSecret.of(document) for document in found]

    async def with_acts(self) -> list[DepartmentSecret]:
        """Departments with acts that may not be in the audit yet."""
        return [
            DepartmentSecret.of(found)
            for found in await self.collection.find({"acts.0": {"$exists": True}}).to_list(None)
        ]
