"""What a citizen may know of somebody's look at their data: role, department, when and at what; never who."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from shared.records import Record


@dataclass(kw_only=True, eq=False)
class AccessNote(Record):
    """One document of `accesses`."""

    source: ClassVar[str] = "identity"

    citizen_id: str = ""
    what: str = ""
    request: str | None = None
    role: str = ""
    department: str | None = None
    at: datetime | None = None
    listed: bool = False
    """As a line of a list: all of a day are one."""
