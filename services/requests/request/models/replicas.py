"""This service's replicas of citizens, members of staff and departments, made from events."""

from dataclasses import dataclass, field
from datetime import datetime

from shared.records import Record


@dataclass(kw_only=True)
class CitizenReplica(Record):
    """A citizen: name and mobile for departments, the mobile's last digits for tracking."""

    sealed_name: str | None = None
    sealed_mobile: str | None = None
    verified: bool = False
    identity: str = "unverified"
    """The registry's verdict on CNIC and name: unverified, confirmed, mismatch."""
    corrected_at: datetime | None = None
    """When name or mobile changed, until the departments of the citizen's requests are told."""
    erasing_until: datetime | None = None
    """Until when the sweep looks for requests of this erased citizen."""


@dataclass(kw_only=True)
class Colleague(Record):
    """One document of `colleagues`: the name of a member of staff, sealed as it came; the account is its id."""

    sealed_name: str = ""


@dataclass(kw_only=True)
class DepartmentReplica(Record):
    """One document of `departments`: the name of a department; the code is its id."""

    name: dict[str, str] = field(default_factory=dict)
