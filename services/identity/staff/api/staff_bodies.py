"""Request bodies about staff."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from services.identity.accounts.api.bodies import Text
from services.identity.accounts.models.spellings import clean_text, read_name
from services.identity.accounts.models.staff import DEPARTMENT, LOGIN, placement_error
from services.identity.accounts.passwords import is_acceptable
from shared.jsonbody import Body
from shared.rights import Role
from shared.spelling import code_of, has_letter_or_digit

RoleName = Literal["officer", "head", "appellate", "clerk", "admin", "auditor"]
DepartmentCode = Annotated[str, StringConstraints(max_length=40)]
Counter = Annotated[str, StringConstraints(min_length=1, max_length=100)]


def check_department(value: str | None) -> str | None:
    """The code of a department."""
    code = None if value is None else code_of(value)
    if code is not None and not DEPARTMENT.fullmatch(code):
        raise PydanticCustomError("department", "refused")
    return code


def check_counter(value: str | None) -> str | None:
    """The name of a counter, on one line."""
    cleaned = clean_text(value) if value is not None else None
    if cleaned is not None and not has_letter_or_digit(cleaned):
        raise PydanticCustomError("words_needed", "refused")
    return cleaned


class OfficerBody(Body):
    """A new member of staff. Officers, heads and appellate authorities have a department, clerks may have a counter.

    Without a password the answer contains a start password; in production none may be given.
    """

    login: Annotated[str, StringConstraints(min_length=3, max_length=64)]
    name: Text
    role: RoleName
    department: DepartmentCode | None = None
    counter: Counter | None = None
    password: Annotated[str | None, Field(max_length=1000, repr=False)] = None

    @field_validator("name")
    @classmethod
    def read_name(cls, value: str) -> str:
        """The normal spelling."""
        name = read_name(value)
        if name is None:
            raise PydanticCustomError("name", "refused")
        return name

    @field_validator("login")
    @classmethod
    def check_login(cls, value: str) -> str:
        """Small letters and digits, so that it is never mistaken for a CNIC or a mobile."""
        login = code_of(value)
        if not LOGIN.fullmatch(login):
            raise PydanticCustomError("format", "refused")
        return login

    check_department = field_validator("department")(check_department)
    check_counter = field_validator("counter")(check_counter)

    @field_validator("password")
    @classmethod
    def check_password(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Refuse common passwords and those made from the other fields."""
        words = (info.data.get("login", ""), info.data.get("name", ""))
        if value is not None and not is_acceptable(value, words=words):
            raise PydanticCustomError("password", "refused")
        return value

    @model_validator(mode="after")
    def check_place(self) -> Self:
        """Whether department and counter fit the role."""
        if wrong := placement_error(Role(self.role), self.department, self.counter):
            code, field = wrong
            raise PydanticCustomError(code, "refused", {"field": field})
        return self


class OfficerChangeBody(Body):
    """The fields to change; the others stay. The role `admin` is only proposed by this."""

    role: RoleName | None = None
    department: DepartmentCode | None = None
    counter: Counter | None = None
    disabled: bool | None = None

    check_department = field_validator("department")(check_department)
    check_counter = field_validator("counter")(check_counter)

    @model_validator(mode="after")
    def check_something(self) -> Self:
        """At least one field; `role` and `disabled` cannot be null."""
        sent = self.model_fields_set
        if not sent or any(name in sent and getattr(self, name) is None for name in ("role", "disabled")):
            raise PydanticCustomError("required", "refused")
        return self

    def fields(self) -> dict[str, object]:
        """The fields that were sent."""
        sent: dict[str, object] = {name: getattr(self, name) for name in self.model_fields_set}
        return sent | {"role": Role(self.role)} if self.role else sent
