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
        return await self.find({"acts.0": {"$exists": True}})


class NotedActStore(ActStore[NotedActs]):
    """`identity.noted_acts`: of services and routing rules."""

    kind = NotedActs


class DepartmentSecretStore(ActStore[DepartmentSecret]):
    """`identity.departments`."""

    kind = DepartmentSecret

    async def ended_since(self, since: datetime) -> list[DepartmentSecret]:
        """Departments with secrets ended since then."""
        return await self.find({"ended.at": {"$gte": since}})
