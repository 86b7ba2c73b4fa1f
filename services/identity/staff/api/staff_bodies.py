"""Request bodies about staff."""

import re
from collections.abc import Callable
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from services.identity.accounts.api.bodies import Name, read_by
from services.identity.accounts.models.spellings import read_address
from services.identity.accounts.models.staff import DEPARTMENT, LOGIN, placement_error
from services.identity.accounts.passwords import is_acceptable
from shared.jsonbody import Body
from shared.rights import Role
from shared.spelling import code_of

RoleName = Literal["officer", "head", "appellate", "clerk", "admin", "auditor"]


def code_like(pattern: re.Pattern[str]) -> Callable[[str], str | None]:
    """A reader of codes that match a pattern."""

    def read(text: str) -> str | None:
        code = code_of(text)
        return code if pattern.fullmatch(code) else None

    return read


DepartmentCode = Annotated[str, StringConstraints(max_length=40), read_by(code_like(DEPARTMENT), "department")]
Counter = Annotated[str, StringConstraints(min_length=1, max_length=100), read_by(read_address, "words_needed")]


class OfficerBody(Body):
    """A new member of staff. Officers, heads and appellate authorities have a department, clerks may have a counter.

    Without a password the answer contains a start password; in production none may be given.
    """

    # Small letters and digits, so that it is never mistaken for a CNIC or a mobile.
    login: Annotated[str, StringConstraints(min_length=3, max_length=64), read_by(code_like(LOGIN), "format")]
    name: Name
    role: RoleName
    department: DepartmentCode | None = None
    counter: Counter | None = None
    password: Annotated[str | None, Field(max_length=1000, repr=False)] = None

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
