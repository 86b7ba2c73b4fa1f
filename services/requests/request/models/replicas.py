"""What this service keeps of citizens, members of staff and departments: copies made from what others publish."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from shared.records import Record


@dataclass(kw_only=True)
class CitizenReplica(Record):
    """A citizen as this service knows them: name and mobile for departments, the mobile's last digits for tracking."""

    source: ClassVar[str] = "requests"

    sealed_name: str | None = None
    sealed_mobile: str | None = None
    verified: bool = False
    identity: str = "unverified"
    """Whether a registry says that CNIC and name belong together: unverified, confirmed, mismatch."""
    erasing_until: datetime | None = None
    """Present while the requests of an erased citizen are looked for."""


@dataclass(kw_only=True)
class Colleague(Record):
    """One document of `colleagues`: the name of a member of staff, sealed as it came; the account is its id."""

    source: ClassVar[str] = "requests"

    sealed_name: str = ""


@dataclass(kw_only=True)
class DepartmentReplica(Record):
    """One document of `departments`: the name of a department; the code is its id."""

    source: ClassVar[str] = "requests"

    name: dict[str, str] = field(default_factory=dict)
