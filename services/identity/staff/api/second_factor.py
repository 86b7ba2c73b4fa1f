"""Second factors and passwords of staff: members change their own; administrators reset the factors of others."""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.identity.accounts.api.bodies import CodeBody, GivenPassword, no_store
from services.identity.staff.api.staff import Manager, UsesStaff
from services.identity.staff.service.second_factor import EnrolmentAnswer
from shared.addresses import read_code
from shared.auth import Principal, needs
from shared.jsonbody import Body
from shared.rights import Right
from shared.routes import Router
from shared.spelling import AS_CODE

router = Router(prefix="/api/v1", dependencies=[Depends(no_store)])
SecretText = Annotated[str, StringConstraints(min_length=1, max_length=40), AS_CODE]


class FactorBody(Body):
    """The app's code, or a recovery code; not both."""

    code: SecretText | None = None
    recovery_code: SecretText | None = None

    @model_validator(mode="after")
    def check_one(self) -> "FactorBody":
        """Exactly one of the two; the code has six digits."""
        if (self.code is None) == (self.recovery_code is None):
            raise PydanticCustomError("required", "refused")
        if self.code is not None and read_code(self.code) is None:
            raise PydanticCustomError("format", "refused")
        return self

    @property
    def digits(self) -> str | None:
        """The six digits of the code."""
        return None if self.code is None else read_code(self.code)


class StaffPasswordBody(Body):
    """The current password, and the new one."""

    current: Annotated[GivenPassword, Field(description="the current password, or the start password")]
    new: GivenPassword


class RecoveryCodesAnswer(BaseModel):
    """Recovery codes for a lost phone. Each works once, and they are shown only now: write them down."""

    recovery_codes: list[str]


OwnFactor = Annotated[Principal, Depends(needs(Right.SECOND_FACTOR))]


@router.post("/me/totp", tags=["second factor"], status_code=201)
async def enrol(principal: OwnFactor, staff: UsesStaff) -> EnrolmentAnswer:
    """A new secret for an authenticator app (RFC 6238), in use once confirmed. 409 if a second factor is in use."""
    return await staff.factors.enrol(principal.id)


@router.post("/me/totp/confirm", tags=["second factor"])
async def confirm(principal: OwnFactor, body: CodeBody, staff: UsesStaff) -> RecoveryCodesAnswer:
    """Confirm the secret with a code of the app. All sessions end, this one too: log in again, with a code."""
    codes = await staff.factors.confirm(principal.id, body.code)
    return RecoveryCodesAnswer(recovery_codes=codes)


@router.delete("/me/totp", tags=["second factor"], status_code=204)
async def remove(principal: OwnFactor, body: FactorBody, staff: UsesStaff) -> Response:
    """Remove the second factor, with one of its codes. All sessions end."""
    await staff.factors.remove(principal.id, code=body.digits, recovery_code=body.recovery_code)
    return Response(status_code=204)


@router.post("/me/staff-password", tags=["sessions"], status_code=204)
async def change(principal: OwnFactor, body: StaffPasswordBody, staff: UsesStaff) -> Response:
    """Change the caller's password. A start password must be changed. All sessions end, this one too: log in again."""
    await staff.accounts.change_own_password(principal.id, principal.role, body.current, body.new)
    return Response(status_code=204)


@router.post("/admin/officers/{officer}/totp-reset", tags=["administration"], status_code=204)
async def reset(principal: Manager, officer: str, staff: UsesStaff) -> Response:
    """Remove the second factor of a member who lost the phone; for an administrator only an operator can do it."""
    await staff.factors.reset(officer, by=principal.id)
    return Response(status_code=204)
