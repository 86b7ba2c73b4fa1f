"""A password that was forgotten or is to be another one."""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import BaseModel, Field, StringConstraints, field_validator
from pydantic_core.core_schema import ValidationInfo

from services.identity.accounts.api.bodies import (
    CodeBody,
    Password,
    ResendBody,
    no_store,
    problems,
    read_field,
)
from services.identity.accounts.api.caller import FromCaller
from services.identity.citizens.service.passwords import Passwords
from services.identity.codes.api.codes import (
    BY_SMS,
    ChallengeAnswer,
    CodeStateAnswer,
    UsesCodes,
    next_of,
    state_of,
)
from services.identity.codes.service.codes import Pending
from shared.auth import Principal, Public, needs
from shared.jsonbody import Body
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["passwords"], dependencies=[Depends(no_store)])
RESETS = "/password-resets"
Given = Annotated[Password, StringConstraints(min_length=1)]


class ResetBody(Body):
    """Whose password: CNIC and mobile of the account, in any usual spelling. The mobile alone may be another's now."""

    cnic: Annotated[str, StringConstraints(max_length=40), Field(repr=False)]
    mobile: Annotated[str, StringConstraints(max_length=40), Field(repr=False)]

    @field_validator("cnic", "mobile")
    @classmethod
    def read(cls, value: str, info: ValidationInfo) -> str:
        """The normal spelling."""
        return read_field(str(info.field_name), value)


class NewPasswordBody(Body):
    """The token that the code has given, and the password to be."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200), Field(repr=False)]
    password: Given


class ChangeBody(Body):
    """The password of now, and the one to be."""

    current: Given
    password: Given


class ResetAnswer(ChallengeAnswer):
    """A reset that waits for the code from the SMS."""

    challenge: str

    @classmethod
    def of(cls, pending: Pending) -> "ResetAnswer":
        """The answer for what is pending."""
        return cls(challenge=pending.id, **next_of(pending))


class ResetTokenAnswer(BaseModel):
    """Good once, for that many seconds, to choose a password."""

    token: str
    expires_in: int


UsesPasswords = Annotated[Passwords, use("passwords")]


@router.post(
    RESETS,
    status_code=202,
    dependencies=[Public],
    responses=problems(400, 413, 415, 422, 429, 503),
)
async def ask_reset(body: ResetBody, passwords: UsesPasswords, caller: FromCaller) -> ResetAnswer:
    """Ask for a code to choose a new password: it goes to the mobile of the account, or by email.

    The answer is the same where there is no account with both. A mobile that nobody has proven for a year gets none,
    since it may be somebody else's by now: email is the way then, or a counter.
    """
    return ResetAnswer.of(await passwords.ask_reset(body.cnic, body.mobile, caller.address))


@router.get(RESETS + "/{challenge}", dependencies=[Public], responses=problems(404))
async def reset_state(challenge: str, codes: UsesCodes) -> CodeStateAnswer:
    """The codes that were asked for: when each was sent, if there is somebody to send it to."""
    return await state_of(codes, "reset", challenge)


@router.post(
    RESETS + "/{challenge}/otp",
    dependencies=[Public],
    responses=problems(400, 413, 415, 422, 429, 503),
)
async def prove_reset(
    challenge: str,
    body: CodeBody,
    passwords: UsesPasswords,
    caller: FromCaller,
) -> ResetTokenAnswer:
    """Answer with the code; what comes back lets a password be chosen."""
    given = await passwords.prove_reset(challenge, body.code, caller.address)
    return ResetTokenAnswer(token=given.token, expires_in=given.expires_in)


@router.post(
    RESETS + "/{challenge}/otp/resend",
    status_code=202,
    dependencies=[Public],
    responses=problems(400, 413, 415, 422, 429, 503),
)
async def resend_reset(
    challenge: str,
    codes: UsesCodes,
    caller: FromCaller,
    body: ResendBody = BY_SMS,
) -> ResetAnswer:
    """Send a new code; the older one stops counting."""
    return ResetAnswer.of(await codes.resend("reset", challenge, caller.address, body.channel))


@router.post(
    RESETS + "/{challenge}/password",
    status_code=204,
    dependencies=[Public],
    responses=problems(400, 413, 415, 422, 503),
)
async def reset(challenge: str, body: NewPasswordBody, passwords: UsesPasswords) -> Response:
    """Choose a password. All sessions end; log in with it, which does not go without a second factor."""
    await passwords.reset(challenge, body.token, body.password)
    return Response(status_code=204)


@router.put(
    "/me/password",
    status_code=204,
    responses=problems(400, 401, 403, 413, 415, 422, 429, 503),
)
async def change(
    principal: Annotated[Principal, Depends(needs(Right.OWN_DATA))],
    body: ChangeBody,
    passwords: UsesPasswords,
) -> Response:
    """Change one's password; all other sessions end. Staff have a route of their own, `/me/staff-password`."""
    await passwords.change(principal.id, principal.session, body.current, body.password)
    return Response(status_code=204)
