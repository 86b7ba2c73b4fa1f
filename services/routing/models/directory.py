"""Departments, copies of services, and the ordered rules that choose the department of a request."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError

from shared.department_users import SECOND_USER
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


class OfficialName(BaseModel):
    """One text in both languages."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    en: Text
    ur: Text


class DepartmentEntry(BaseModel):
    """A department as its file or the admin API declares it. No districts mean all districts."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    code: DepartmentCode
    name: OfficialName
    head: OfficialName
    appellate_authority: OfficialName
    appeals_to: Code | None = None
    """The department that hears appeals against this one; without it, the ombudsman."""
    districts: list[Code] = []


class NewPassword(BaseModel):
    """The body that asks for a new password of a department's software."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    keep_old_hours: Annotated[int, Field(ge=1, le=168)] | None = Field(
        None, description="for how many hours the old password stays good; without it, the old one ends at once"
    )


class DepartmentChange(BaseModel):
    """A change of a department; a field that is not sent stays. Only `appeals_to` may be null."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)
    name: OfficialName | None = None
    head: OfficialName | None = None
    appellate_authority: OfficialName | None = None
    appeals_to: Code | None = None
    districts: list[Code] | None = None

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


@dataclass(frozen=True)
class Login:
    """An AMQP user of a department, and the broker's own hash of its password; the password is not stored."""

    user: str
    broker_password_hash: str


@dataclass(kw_only=True)
class DepartmentRecord(Record):
    """One document of `departments`; the code is its id.

    A user of the broker has one password. So while the old password stays valid, the new one belongs to the other of
    the department's two users.
    """

    source: ClassVar[str] = "routing"

    name: dict[str, str] = field(default_factory=dict)
    head: dict[str, str] = field(default_factory=dict)
    appellate_authority: dict[str, str] = field(default_factory=dict)
    appeals_to: str | None = None
    districts: list[str] = field(default_factory=list)
    broker_password_hash: str = ""
    password_at: datetime | None = None
    """When its password was created; None for an old one."""
    user: str | None = None
    """The AMQP user that it signs in as; None for the first one."""
    old_login: dict[str, str] | None = None
    old_until: datetime | None = None
    """Until when the previous login stays valid; None if it ended with the new one."""
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
    def login(self) -> Login:
        """The current login of its software."""
        return Login(self.user or self.queue, self.broker_password_hash)

    def users(self, now: datetime) -> dict[str, str | None]:
        """The password hash of each of its AMQP users at `now`; None for a user that must not exist."""
        logins: dict[str, str | None] = dict.fromkeys((self.queue, self.queue + SECOND_USER))
        if self.old_login is not None and self.old_good_until(now):
            logins[self.old_login["user"]] = self.old_login["broker_password_hash"]
        return logins | {self.login.user: self.login.broker_password_hash}

    def old_good_until(self, now: datetime) -> datetime | None:
        """Until when the previous login is valid; None if it is not valid at `now`."""
        return self.old_until if self.old_until is not None and now < self.old_until else None

    def set_password(self, hashed: str, now: datetime, old_until: datetime | None = None) -> None:
        """Store a new password; the previous one is valid until `old_until`, or ends now. An older one ends now."""
        self.old_login, self.old_until = None, old_until
        if old_until is not None:
            self.old_login = asdict(self.login)
            self.user = self.queue if self.login.user != self.queue else self.queue + SECOND_USER
        self.broker_password_hash, self.password_at = hashed, now


@dataclass(kw_only=True)
class ServiceCopy(Record):
    """A copy of what routing needs of a catalogue entry; the service's code is its id."""

    source: ClassVar[str] = "routing"

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
