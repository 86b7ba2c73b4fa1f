"""The access trail: role, department, time and object of each access to a citizen's data, without the person."""

from dataclasses import dataclass
from datetime import datetime

from shared.records import Record


@dataclass(kw_only=True, eq=False)
class AccessNote(Record):
    """One document of `accesses`."""

    citizen_id: str = ""
    what: str = ""
    request: str | None = None
    role: str = ""
    department: str | None = None
    at: datetime | None = None
    listed: bool = False
    """Whether the request was only listed; one such entry a day."""
