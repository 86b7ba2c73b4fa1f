"""Departments, copies of services, and the ordered rules that choose the department of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from services.routing.models.access import Access, FurtherQueue
from shared.records import Record
from shared.rules import conditions_hold
from shared.spelling import AS_TEXT

TRIAGE = "triage"
"""The desk at which a person chooses the department: where no rule does, and from the third transfer on."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", min_length=2, max_length=60)]
DepartmentCode = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=3, max_length=40)
]
"""The same pattern as in identity (an officer's department) and the catalogue (a rule's); no other code would work."""
Text = Annotated[str, StringConstraints(min_length=1, max_length=200), AS_TEXT]

NO_DISTRICTS = "ignored: rules say which department serves which district (docs/routing.md)"


class Declared(BaseModel):
    """What files and the admin API declare."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class OfficialName(Declared):
    """One text in both languages."""

    en: Text
    ur: Text


class DepartmentEntry(Declared):
    """A department as its file or the admin API declares it."""

    code: DepartmentCode
    name: OfficialName
    head: OfficialName
    appellate_authority: OfficialName
    appeals_to: Code | None = None
    """The department that hears appeals against this one; without it, the ombudsman."""
    districts: list[Code] = Field(default=[], deprecated=True, exclude=True, description=NO_DISTRICTS)


class NewPassword(Declared):
    """The body that asks for a new password of a department's software."""

    keep_old_hours: Annotated[int, Field(ge=1, le=168)] | None = Field(
        None, description="for how many hours the old password stays good; without it, the old one ends at once"
    )


class DepartmentChange(Declared):
    """A change of a department; a field that is not sent stays. Only `appeals_to` may be null."""

    name: OfficialName | None = None
    head: OfficialName | None = None
    appellate_authority: OfficialName | None = None
    appeals_to: Code | None = None
    districts: list[Code] | None = Field(None, deprecated=True, exclude=True, description=NO_DISTRICTS)

    @field_validator("name", "head", "appellate_authority", "districts", mode="before")
    @classmethod
    def check_there(cls, value: object) -> object:
        """These fields cannot be null."""
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
class DepartmentRecord(Access, Record):
    """One document of `departments`; the code is its id."""

    name: dict[str, str] = field(default_factory=dict)
    head: dict[str, str] = field(default_factory=dict)
    appellate_authority: dict[str, str] = field(default_factory=dict)
    appeals_to: str | None = None
    auto_assign: bool = False
    """New requests are assigned to the officer present who has the least to do."""
    queues: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Its queues beside its own, by name (`FurtherQueue`)."""
    subscriptions: list[dict[str, Any]] = field(default_factory=list)
    """Of its software, to its feed (`services.routing.subscriptions`)."""

    def update(self, entry: DepartmentEntry | DepartmentChange) -> list[str]:
        """Take the fields of `entry`; returns the names of those that changed, in order."""
        values = entry.model_dump(exclude_unset=True, exclude={"code"})
        changed = [name for name, value in values.items() if getattr(self, name) != value]
        for name in changed:
            setattr(self, name, values[name])
        return changed

    @property
    def queue(self) -> str:
        """The name of its queue, and of its first AMQP user."""
        return f"department.{self.id}"

    @property
    def further_queues(self) -> list[FurtherQueue]:
        """Its queues beside its own, by name."""
        return [FurtherQueue.of(self.id, kept) for _, kept in sorted(self.queues.items())]

    @property
    def accesses(self) -> list[Access]:
        """All its queues with their users, its own first."""
        return [self, *self.further_queues]

    def keep_queue(self, queue: FurtherQueue) -> None:
        """Store a further queue, new or changed."""
        self.queues = {**self.queues, queue.name: queue.document()}

    def remove_queue(self, name: str) -> None:
        """Forget a further queue."""
        self.queues = {kept: value for kept, value in self.queues.items() if kept != name}


@dataclass(kw_only=True)
class ServiceCopy(Record):
    """A copy of what routing needs of a catalogue entry; the service's code is its id."""

    version: int = 0
    kind: str = ""
    name: dict[str, str] = field(default_factory=dict)
    due: dict[str, Any] = field(default_factory=dict)
    respond: dict[str, Any] = field(default_factory=dict)
    department: list[dict[str, Any]] = field(default_factory=list)
    evidence: bool = False
    category: str = ""
    """Empty for a service that was published before events named it."""


@dataclass(frozen=True)
class Choice:
    """The department that a rule chose, and the rule's reason."""

    department: str
    because: dict[str, str]
    rule: str | None = None
    """The name of the rule in the portal's rule set; None for a service's own rule, and where none matched."""
    version: int | None = None
    """The version of that rule set."""


def choose(rules: Sequence[Mapping[str, Any]], facts: Mapping[str, Any]) -> Choice | None:
    """The first rule all of whose conditions hold for `facts`; None when none does."""
    for rule in rules:
        if conditions_hold(rule.get("when"), facts):
            return Choice(rule["to"], rule["because"])
    return None
