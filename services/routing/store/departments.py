"""`routing.departments`, and the copies of services and staff."""

from pymongo import ASCENDING

from services.routing.models.colleague import StaffCopy
from services.routing.models.directory import DepartmentRecord, ServiceCopy
from shared.mongo import RecordStore


class DepartmentStore(RecordStore[DepartmentRecord]):
    """`routing.departments`."""

    kind = DepartmentRecord

    async def all(self) -> list[DepartmentRecord]:
        """Every department."""
        return [DepartmentRecord.of(document) for document in await self.collection.find({}).sort("_id").to_list(None)]


class ServiceStore(RecordStore[ServiceCopy]):
    """`routing.services`."""

    kind = ServiceCopy

    async def all(self) -> list[ServiceCopy]:
        """Every service that routing has heard of."""
        return [ServiceCopy.of(document) for document in await self.collection.find({}).to_list(None)]


class StaffCopyStore(RecordStore[StaffCopy]):
    """`routing.colleagues`."""

    kind = StaffCopy

    async def create_indexes(self) -> None:
        """Also index by department."""
        await super().create_indexes()
        await self.collection.create_index([("department", ASCENDING)])

    async def of_department(self, department: str) -> list[StaffCopy]:
        """Everybody who works at a department."""
        found = await self.collection.find({"department": str(department)}).sort("_id").to_list(None)
        return [one for one in map(StaffCopy.of, found) if one.works_at(department)]
