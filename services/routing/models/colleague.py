"""What those who work here are called, as this service has heard it."""

from dataclasses import dataclass
from typing import ClassVar

from shared.records import Record


@dataclass(kw_only=True)
class StaffName(Record):
    """One document of `colleagues`: somebody's name, sealed as it came; the account is its id."""

    source: ClassVar[str] = "routing"

    sealed_name: str = ""
