"""Departments, as this service has heard of them."""

from dataclasses import dataclass, field
from typing import ClassVar

from shared.records import Record


@dataclass(kw_only=True)
class DepartmentCopy(Record):
    """One document of `departments`: that there is such a department, and its name; the code is its id."""

    source: ClassVar[str] = "requests"

    name: dict[str, str] = field(default_factory=dict)
