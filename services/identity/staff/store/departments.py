"""`identity.departments`, credentials of departments' software, and `identity.noted_acts`."""

from datetime import datetime
from typing import TypeVar

from services.identity.accounts.models.staff import DepartmentSecret, NotedActs
from shared.mongo import RecordStore

N = TypeVar("N", bound=NotedActs)


class ActStore(RecordStore[N]):
    """Records with acts for the audit."""

    async def with_acts(self) -> list[N]:
        """Those with acts that may not be in the audit yet."""
        return [
            self.kind.of(found) for found in await self.collection.find({"acts.0": {"$exists": True}}).to_list(None)
        ]


class NotedActStore(ActStore[NotedActs]):
    """`identity.noted_acts`: of services and routing rules."""

    kind = NotedActs


class DepartmentSecretStore(ActStore[DepartmentSecret]):
    """`identity.departments`."""

    kind = DepartmentSecret

    async def ended_since(self, since: datetime) -> list[DepartmentSecret]:
        """Departments with secrets ended since then."""
        found = await self.collection.find({"ended.at": {"$gte": since}}).to_list(None)
        return [DepartmentSecret.of(document) for document in found]
