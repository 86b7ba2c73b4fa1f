"""Departments, and what routing knows of services; and the ordered rules that lead from a request to a department."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from shared.records import Record

Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=60)]
DepartmentCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=3, max_length=40)
]
"""What identity takes for an officer's department and the catalogue for a rule's; any other code would be unusable."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class OfficialName(BaseModel):
    """One text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    en: Text
    ur: Text


class DepartmentEntry(BaseModel):
    """A department as its file or the admin API declares it; an empty list of districts means all."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    code: DepartmentCode
    name: OfficialName
    head: OfficialName
    appellate_authority: OfficialName
    appeals_to: Code | None = None
    """The department that hears appeals against this one; without it, the ombudsman."""
    districts: list[Code] = []


class DepartmentChange(BaseModel):
    """What of a department is to change; a field that is not sent stays. Only `appeals_to` may be null."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    name: OfficialName | None = None
    head: OfficialName | None = None
    appellate_authority: OfficialName | None = None
    appeals_to: Code | None = None
    districts: list[Code] | None = None

    @field_validator("name", "head", "appellate_authority", "districts", mode="before")
    @classmethod
    def check_there(cls, value: object) -> object:
        """No department is without these."""
        if value is None:
            raise PydanticCustomError("required", "refused")
        return value

    @model_validator(mode="after")
    def check_something(self) -> Self:
        """At least one field."""
        if not self.model_fields_set:
            raise PydanticCustomError("required", "refused")
        return self


@dataclass(kw_only=True)
class Department(Record):
    """One document of `departments`; the code is its id. Of its password only the broker's own hash is kept."""

    source: ClassVar[str] = "routing"

    name: dict[str, str] = field(default_factory=dict)
    head: dict[str, str] = field(default_factory=dict)
    appellate_authority: dict[str, str] = field(default_factory=dict)
    appeals_to: str | None = None
    districts: list[str] = field(default_factory=list)
    broker_password_hash: str = ""
    password_at: datetime | None = None
    """When its password was made; None for one from before this was kept."""

    def take_over(self, said: DepartmentEntry | DepartmentChange) -> list[str]:
        """Be as it is said from now on; the names of the fields that were not so before, in their order."""
        values = said.model_dump(exclude_unset=True, exclude={"code"})
        changed = [name for name, value in values.items() if getattr(self, name) != value]
        for name in changed:
            setattr(self, name, values[name])
        return changed

    @property
    def queue(self) -> str:
        """The name of its queue, and of its AMQP user."""
        return f"department.{self.id}"


@dataclass(kw_only=True)
class ServiceCopy(Record):
    """What routing keeps of a catalogue entry; the service's code is its id."""

    source: ClassVar[str] = "routing"

    version: int = 0
    kind: str = ""
    name: dict[str, str] = field(default_factory=dict)
    due: dict[str, Any] = field(default_factory=dict)
    respond: dict[str, Any] = field(default_factory=dict)
    department: list[dict[str, Any]] = field(default_factory=list)
    evidence: bool = False


@dataclass(frozen=True)
class Choice:
    """The department that a rule chose, and the rule's reason."""

    department: str
    because: dict[str, str]


def choose(rules: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> Choice | None:
    """The first rule all of whose conditions hold for `facts`; None when none does."""
    for rule in rules:
        conditions: Mapping[str, Sequence[Any]] = rule.get("when") or {}
        if all(_holds(facts.get(name), values) for name, values in conditions.items()):
            return Choice(rule["to"], rule["because"])
    return None


def _holds(fact: Any, values: Sequence[Any]) -> bool:
    """Membership without Python's 1 == True."""
    return any(type(fact) is type(value) and fact == value for value in values)


def read_departments(folder: Path) -> list[DepartmentEntry]:
    """The departments of a folder's YAML files. Raises ValueError naming the file."""
    entries = []
    for file in sorted(folder.glob("*.yaml")):
        try:
            entries.append(DepartmentEntry.model_validate(yaml.safe_load(file.read_text(encoding="utf-8"))))
        except (ValueError, yaml.YAMLError) as error:
            raise ValueError(f"{file.name}: {error}") from None
    return entries
