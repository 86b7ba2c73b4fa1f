"""Registration and its one-time codes."""

from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from pydantic import BaseModel, Field

from services.identity.accounts.api.bodies import CodeBody, RegistrationBody, ResendBody, no_store
from services.identity.accounts.api.caller import FromCaller, keep_device
from services.identity.citizens.service.registration import Registration, Registrations
from services.identity.codes.api.codes import BY_SMS, ChallengeAnswer, CodeStateAnswer, UsesCodes
from services.identity.codes.service.codes import Pending
from services.identity.sessions.api.own_sessions import UsesDevices
from shared.auth import Public
from shared.errors import language_of
from shared.request_headers import OptionalKey
from shared.routes import Router, use

router = Router(prefix="/api/v1/registrations", tags=["registration"], dependencies=[Public, Depends(no_store)])


class PendingAnswer(ChallengeAnswer):
    """A registration that waits for the code from the SMS."""

    registration: str = Field(validation_alias="id")


class VerifiedAnswer(BaseModel):
    """The account is open; log in. With the token of this device, `device`, logins need no code.

    After a code by email `mobile_proven` is false: log in with the CNIC, and prove the mobile at `/api/v1/me/mobile`.
    """

    verified: Literal[True] = True
    mobile_proven: bool
    device: str


@router.post("", status_code=202, response_model=PendingAnswer)
async def register(
    request: Request,
    body: RegistrationBody,
    use_case: Annotated[Registrations, use("registrations")],
    caller: FromCaller,
    key: OptionalKey = None,
) -> Pending:
    """Register a citizen; a code goes to the mobile. The answer is the same if CNIC or mobile already have an account.

    If no code arrives, the mobile may belong to another account. Then request the code by email after two SMS, which
    opens the account without proving the mobile; or register again with another mobile and `instead_of`; or go to a
    counter. With the same Idempotency-Key a repeated call returns the same registration.
    """
    language = body.language or language_of(request.headers)
    form = Registration(**body.model_dump() | {"language": language})
    return await use_case.register(form, caller.address, key)


@router.get("/{registration}", response_model=CodeStateAnswer)
async def delivery(registration: str, codes: UsesCodes) -> Pending:
    """The requested codes: when each was sent, if CNIC and mobile have no account."""
    return await codes.state("register", registration)


@router.post("/{registration}/otp")
async def verify(
    registration: str,
    body: CodeBody,
    use_case: Annotated[Registrations, use("registrations")],
    devices: UsesDevices,
    caller: FromCaller,
    response: Response,
) -> VerifiedAnswer:
    """Prove the mobile with the newest code. A code works once, for ten minutes, and for five attempts.

    A code by email opens the account too, but does not prove the mobile: another person can still register it.
    """
    citizen = await use_case.verify(registration, body.code, caller.address)
    device = await devices.remember(citizen.id, caller.program)
    keep_device(response, device)
    return VerifiedAnswer(mobile_proven=citizen.mobile_proven, device=device)


@router.post("/{registration}/otp/resend", status_code=202, response_model=PendingAnswer)
async def resend(registration: str, codes: UsesCodes, caller: FromCaller, body: ResendBody = BY_SMS) -> Pending:
    """Send a new code; the older code becomes invalid. At most five an hour, at growing intervals.

    After two SMS `channels` offers email; `{"channel": "email"}` sends the code there. After ten SMS in a day only
    email is left, until `sms_after` seconds have passed.
    """
    return await codes.resend("register", registration, caller.address, body.channel)
