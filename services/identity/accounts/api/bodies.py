"""Request bodies, read strictly: no unknown fields, no other types, every text bounded and in its normal spelling."""

from collections.abc import Callable
from typing import Annotated, Literal

from fastapi import Response
from pydantic import AfterValidator, Field, StringConstraints, field_validator
from pydantic_core import PydanticCustomError
from pydantic_core.core_schema import ValidationInfo

from services.identity.accounts.models import spellings
from services.identity.accounts.passwords import is_acceptable
from shared import addresses
from shared.events import Channel
from shared.jsonbody import Body

Password = Annotated[str, StringConstraints(max_length=1000), Field(repr=False)]
GivenPassword = Annotated[Password, StringConstraints(min_length=1)]


def read_by(reader: Callable[[str], str | None], code: str) -> AfterValidator:
    """A validator that gives the normal spelling; `code` is the error where the reader finds none."""

    def read(value: str) -> str:
        found = reader(value)
        if found is None:
            raise PydanticCustomError(code, "refused")
        return found

    return AfterValidator(read)


Name = Annotated[str, StringConstraints(min_length=1, max_length=200), read_by(spellings.read_name, "name")]
Cnic = Annotated[str, StringConstraints(max_length=40), read_by(spellings.read_cnic, "cnic")]
Mobile = Annotated[str, StringConstraints(max_length=40), read_by(addresses.read_mobile, "mobile")]
Email = Annotated[str, StringConstraints(max_length=addresses.EMAIL_LENGTH), read_by(addresses.read_email, "email")]
Address = Annotated[
    str, StringConstraints(min_length=1, max_length=500), read_by(spellings.read_address, "words_needed")
]


class RegistrationBody(Body):
    """The registration of a citizen. CNIC and mobile may be written in any usual way."""

    name: Name
    cnic: Cnic
    mobile: Mobile
    email: Email
    address: Address
    language: Literal["en", "ur"] | None = None
    """Language of messages; by default that of the answer."""
    instead_of: Annotated[str, StringConstraints(max_length=100)] | None = None
    """The unproven registration that this one corrects, for example its mobile."""
    password: Password  # last, because it is checked against the fields above

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

    code: Annotated[str, StringConstraints(max_length=20), read_by(addresses.read_code, "format"), Field(repr=False)]


class LoginCodeBody(CodeBody):
    """The code for a login on a new device; `remember` makes the device known."""

    remember: bool = True


class ResendBody(Body):
    """The channel of the new code: SMS by default; email is possible after two SMS."""

    channel: Channel = "sms"


class LoginBody(Body):
    """A CNIC, mobile or staff login, and the password."""

    login: Annotated[str, StringConstraints(min_length=1, max_length=64), Field(repr=False)]
    password: GivenPassword
    device: Annotated[Annotated[str, StringConstraints(min_length=1, max_length=200)] | None, Field(repr=False)] = None


class RefreshBody(Body):
    """The refresh token of the last answer."""

    refresh_token: Annotated[str, StringConstraints(min_length=1, max_length=200), Field(repr=False)]


async def no_store(response: Response) -> None:
    """A dependency for routes whose answers must not be cached."""
    response.headers["Cache-Control"] = "no-store"
