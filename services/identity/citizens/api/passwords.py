"""Resetting and changing the password of a citizen."""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import Field, StringConstraints

from services.identity.accounts.api.bodies import Cnic, CodeBody, GivenPassword, Mobile, ResendBody, no_store
from services.identity.accounts.api.caller import FromCaller
from services.identity.citizens.service.passwords import Passwords, ResetTokenAnswer
from services.identity.codes.api.codes import BY_SMS, ChallengeAnswer, CodeStateAnswer, UsesCodes
from services.identity.codes.service.codes import Pending
from shared.auth import Principal, Public, needs
from shared.jsonbody import Body
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1", tags=["passwords"], dependencies=[Depends(no_store)])
RESETS = "/password-resets"


class ResetBody(Body):
    """CNIC and mobile of the account, in any usual spelling. A mobile alone may belong to another person by now."""

    cnic: Annotated[Cnic, Field(repr=False)]
    mobile: Annotated[Mobile, Field(repr=False)]


class NewPasswordBody(Body):
    """The token received for the code, and the new password."""

    token: Annotated[str, StringConstraints(min_length=1, max_length=200), Field(repr=False)]
    password: GivenPassword


class ChangeBody(Body):
    """The current password, and the new one."""

    current: GivenPassword
    password: GivenPassword


class ResetAnswer(ChallengeAnswer):
    """A reset that waits for the code from the SMS."""

    challenge: str = Field(validation_alias="id")


UsesPasswords = Annotated[Passwords, use("passwords")]


@router.post(RESETS, status_code=202, dependencies=[Public], response_model=ResetAnswer)
async def ask_reset(body: ResetBody, passwords: UsesPasswords, caller: FromCaller) -> Pending:
    """Request a code to choose a new password; it goes to the mobile of the account, or by email.

    The answer is the same if no account has this CNIC and mobile. A mobile that was not proven for a year gets no
    code, since it may belong to another person by now; use email or a counter.
    """
    return await passwords.ask_reset(body.cnic, body.mobile, caller.address)


@router.get(RESETS + "/{challenge}", dependencies=[Public], response_model=CodeStateAnswer)
async def reset_state(challenge: str, codes: UsesCodes) -> Pending:
    """The requested codes: when each was sent, if there is an account."""
    return await codes.state("reset", challenge)


@router.post(RESETS + "/{challenge}/otp", dependencies=[Public])
async def prove_reset(challenge: str, body: CodeBody, passwords: UsesPasswords, caller: FromCaller) -> ResetTokenAnswer:
    """Answer with the code; returns a token to choose a password with."""
    return await passwords.prove_reset(challenge, body.code, caller.address)


@router.post(RESETS + "/{challenge}/otp/resend", status_code=202, dependencies=[Public], response_model=ResetAnswer)
async def resend_reset(challenge: str, codes: UsesCodes, caller: FromCaller, body: ResendBody = BY_SMS) -> Pending:
    """Send a new code; the older code becomes invalid."""
    return await codes.resend("reset", challenge, caller.address, body.channel)


@router.post(RESETS + "/{challenge}/password", status_code=204, dependencies=[Public])
async def reset(challenge: str, body: NewPasswordBody, passwords: UsesPasswords) -> Response:
    """Choose a password. All sessions end; log in with the new password and a code."""
    await passwords.reset(challenge, body.token, body.password)
    return Response(status_code=204)


@router.put("/me/password", status_code=204)
async def change(
    principal: Annotated[Principal, Depends(needs(Right.OWN_DATA))], body: ChangeBody, passwords: UsesPasswords
) -> Response:
    """Change the caller's password; all other sessions end. Staff use `/me/staff-password`."""
    await passwords.change(principal.id, principal.session, body.current, body.password)
    return Response(status_code=204)
