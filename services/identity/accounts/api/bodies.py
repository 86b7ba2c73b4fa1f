"""Request bodies, read strictly: no unknown fields, no other types, every text bounded and in its normal spelling."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import Response
from pydantic import Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from services.identity.accounts.models import spellings
from services.identity.accounts.passwords import is_acceptable
from shared import addresses
from shared.jsonbody import Body
from shared.openapi import MEANING, PROBLEM

Text = Annotated[str, StringConstraints(min_length=1, max_length=200)]
Password = Annotated[str, StringConstraints(max_length=1000), Field(repr=False)]


class RegistrationBody(Body):
    """The registration of a citizen. CNIC and mobile may be written in any usual way."""

    name: Text
    cnic: Annotated[str, StringConstraints(max_length=40)]
    mobile: Annotated[str, StringConstraints(max_length=40)]
    email: Annotated[str, StringConstraints(max_length=addresses.EMAIL_LENGTH)]
    address: Annotated[str, StringConstraints(min_length=1, max_length=500)]
    language: Literal["en", "ur"] | None = None
    """Language of messages; by default that of the answer."""
    instead_of: Annotated[str, StringConstraints(max_length=100)] | None = None
    """The unproven registration that this one corrects, for example its mobile."""
    password: Password  # last, because it is checked against the fields above

    @field_validator("name", "cnic", "mobile", "email", "address")
    @classmethod
    def read(cls, value: str, info: ValidationInfo) -> str:
        """The normal spelling."""
        return read_field(str(info.field_name), value)

    @field_validator("password")
    @classmethod
    def check_password(cls, value: str, info: ValidationInfo) -> str:
        """Refuse common passwords and those made from the other fields."""
        known = info.data
        cnic, mobile = known.get("cnic", ""), known.get("mobile", "")
        words = (known.get("name", ""), known.get("email", "").rpartition("@")[0])
        if not is_acceptable(value, words=words, numbers=(cnic, mobile.removeprefix("+92"))):
            raise PydanticCustomError("password", "refused")
        return value


class CodeBody(Body):
    """A code of six digits."""

    code: Annotated[str, StringConstraints(max_length=20), Field(repr=False)]

    @field_validator("code")
    @classmethod
    def read(cls, value: str) -> str:
        """The six digits."""
        code = addresses.read_code(value)
        if code is None:
            raise PydanticCustomError("format", "refused")
        return code


class LoginCodeBody(CodeBody):
    """The code for a login on a new device; `remember` makes the device known."""

    remember: bool = True


class ResendBody(Body):
    """The channel of the new code: SMS by default; email is possible after two SMS."""

    channel: Literal["sms", "email"] = "sms"


class LoginBody(Body):
    """A CNIC, mobile or staff login, and the password."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=64), Field(repr=False)]
    password: Annotated[Password, StringConstraints(min_length=1)]
    device: Annotated[Annotated[str, StringConstraints(min_length=1, max_length=200)] | None, Field(repr=False)] = None


class RefreshBody(Body):
    """The refresh token of the last answer."""

    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=200), Field(repr=False)]


def read_field(field: str, value: str) -> str:
    """A field about a person in its normal spelling. Raises PydanticCustomError."""
    readers: dict[str, Callable[[str], str | None]] = {
        "name": spellings.read_name,
        "cnic": spellings.read_cnic,
        "mobile": addresses.read_mobile,
        "email": addresses.read_email,
        "address": spellings.read_address,
    }
    read = readers[field](value)
    if read is None:
        raise PydanticCustomError("words_needed" if field == "address" else field, "refused")
    return read


async def no_store(response: Response) -> None:
    """A dependency for routes whose answers must not be cached."""
    response.headers["Cache-Control"] = "no-store"


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI text of problems that do not follow from the route's declaration (`gateway/openapi_responses.py`)."""
    content = {"application/problem+json": {"schema": PROBLEM}}
    return {status: {"description": MEANING[status], "content": content} for status in statuses}
