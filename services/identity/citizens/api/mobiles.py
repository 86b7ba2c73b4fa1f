"""Changing the caller's mobile, and undoing the change from the old number."""

from typing import Annotated, Literal

from fastapi import Depends
from pydantic import BaseModel, Field, StringConstraints, field_validator

from services.identity.accounts.api.bodies import CodeBody, Mobile, no_store
from services.identity.accounts.api.caller import FromCaller
from services.identity.citizens.api.own_data import Own, PasswordAgain
from services.identity.citizens.service.mobiles import MobileChanges
from services.identity.codes.api.codes import CodeStateAnswer, UsesCodes
from services.identity.codes.service.codes import Pending
from shared.auth import Public
from shared.jsonbody import Body
from shared.openapi import problems
from shared.routes import Router, use
from shared.spelling import code_of

router = Router(prefix="/api/v1", tags=["own data"], dependencies=[Depends(no_store)])


class MobileBody(Body):
    """The new number, in any usual spelling, and the password again."""

    mobile: Annotated[Mobile, Field(repr=False)]
    password: PasswordAgain


class UndoBody(Body):
    """The code from the message to the old number; small letters and spaces do not matter."""

    code: Annotated[str, StringConstraints(min_length=1, max_length=40), Field(repr=False)]

    @field_validator("code")
    @classmethod
    def read(cls, value: str) -> str:
        """Its letters and digits."""
        return "".join(letter for letter in code_of(value).upper() if letter.isalnum())


class ChangeAnswer(BaseModel):
    """The next step: answer with the code sent to the new number. `resend_after` is in seconds."""

    change: str = Field(validation_alias="id")
    next: Literal["otp"] = "otp"
    resend_after: int


class ChangedAnswer(BaseModel):
    """The mobile was changed; the owner of the old number can undo that for 24 hours."""

    changed: Literal[True] = True


class RestoredAnswer(BaseModel):
    """The old mobile is back and all sessions have ended; reset the password before logging in."""

    restored: Literal[True] = True


Mobiles = Annotated[MobileChanges, use("mobiles")]


@router.post("/me/mobile", status_code=202, responses=problems(404), response_model=ChangeAnswer)
async def ask(principal: Own, body: MobileBody, mobiles: Mobiles, caller: FromCaller) -> Pending:
    """Change the caller's mobile: a code goes to the new number. The answer does not reveal whether it has an account.

    Give the same number to prove it, if it is unproven or silent (`mobile_proven`, `mobile_silent` in `GET /me`). For
    a day after a password reset another number is refused (409), until `Retry-After`.
    """
    return await mobiles.ask(principal.id, body.mobile, body.password, caller.address)


@router.get("/me/mobile/{change}", response_model=CodeStateAnswer)
async def state(principal: Own, change: str, codes: UsesCodes) -> Pending:
    """The codes to the new number: when each was sent, if no account has the number."""
    return await codes.state("contact", change, of=principal.id)


@router.post("/me/mobile/{change}/otp/resend", status_code=202, response_model=ChangeAnswer)
async def resend(principal: Own, change: str, codes: UsesCodes, caller: FromCaller) -> Pending:
    """Send a new code to the new number; the older code becomes invalid."""
    return await codes.resend("contact", change, caller.address, of=principal.id)


@router.post("/me/mobile/{change}/otp")
async def prove(principal: Own, change: str, body: CodeBody, mobiles: Mobiles, caller: FromCaller) -> ChangedAnswer:
    """Prove the new number with the code. The old one, if proven, gets a code to undo the change within 24 hours."""
    await mobiles.prove(principal.id, change, body.code, caller.address)
    return ChangedAnswer()


@router.post("/mobile-changes/undo", dependencies=[Public])
async def undo(body: UndoBody, mobiles: Mobiles) -> RestoredAnswer:
    """Undo a change of mobile from the old number, without logging in; the password must be reset afterwards."""
    await mobiles.undo(body.code)
    return RestoredAnswer()
