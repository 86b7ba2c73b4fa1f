"""`identity.departments`: the copy that departments' software logs in against."""

from services.identity.models.staff import Department
from shared.mongo import RecordStore


class DepartmentStore(RecordStore[Department]):
    """`identity.departments`."""

    kind = Department
