"""Registration and its one-time codes."""

from typing import Annotated, Literal

from fastapi import Depends, Request, Response
from pydantic import BaseModel

from services.identity.accounts.api.bodies import (
    CodeBody,
    RegistrationBody,
    ResendBody,
    no_store,
    problems,
)
from services.identity.accounts.api.caller import FromCaller, keep_device
from services.identity.citizens.service.registration import Registration, Registrations
from services.identity.codes.api.codes import (
    BY_SMS,
    ChallengeAnswer,
    CodeStateAnswer,
    UsesCodes,
    next_of,
    state_of,
)
from services.identity.codes.service.codes import Pending
from services.identity.sessions.api.own_sessions import UsesDevices
from shared.auth import Public
from shared.errors import language_of
from shared.request_headers import OptionalKey
from shared.routes import Router, use

router = Router(prefix="/api/v1/registrations", tags=["registration"], dependencies=[Public, Depends(no_store)])


class PendingAnswer(ChallengeAnswer):
    """A registration that waits for the code from the SMS."""

    registration: str

    @classmethod
    def of(cls, pending: Pending) -> "PendingAnswer":
        """The answer for what is pending."""
        return cls(registration=pending.id, **next_of(pending))


class VerifiedAnswer(BaseModel):
    """The account is open; log in. With the token of this device no code is asked for again.

    After a code by email `mobile_proven` is false: log in with the CNIC, and prove the mobile at `/api/v1/me/mobile`.
    """

    verified: Literal[True] = True
    mobile_proven: bool
    device: str


@router.post(
    "",
    status_code=202,
    responses=problems(400, 413, 415, 422, 429, 503),
)
async def register(
    request: Request,
    body: RegistrationBody,
    use_case: Annotated[Registrations, use("registrations")],
    caller: FromCaller,
    key: OptionalKey = None,
) -> PendingAnswer:
    """Open an account; a code goes to the mobile. The answer is the same for a CNIC or mobile that has one already.

    If no code comes, the mobile may have an account: ask for the code by email after two SMS, which opens the account
    without the mobile; or send the registration again with another one, `instead_of` this; or go to a counter.
    With an Idempotency-Key a caller who lost the answer can ask again and gets the same registration.
    """
    language = body.language or language_of(request.headers)
    form = Registration(**body.model_dump() | {"language": language})
    return PendingAnswer.of(await use_case.register(form, caller.address, key))


@router.get("/{registration}", responses=problems(404))
async def delivery(registration: str, codes: UsesCodes) -> CodeStateAnswer:
    """The codes that were asked for: when each was sent, if CNIC and mobile are free."""
    return await state_of(codes, "register", registration)


@router.post(
    "/{registration}/otp",
    responses=problems(400, 413, 415, 422, 429),
)
async def verify(
    registration: str,
    body: CodeBody,
    use_case: Annotated[Registrations, use("registrations")],
    devices: UsesDevices,
    caller: FromCaller,
    response: Response,
) -> VerifiedAnswer:
    """Prove the mobile with the newest code: good once, for ten minutes, and for five tries.

    A code by email opens the account too, but proves no mobile: it stays free for whoever proves it by SMS.
    """
    citizen = await use_case.verify(registration, body.code, caller.address)
    device = await devices.remember(citizen.id, caller.program)
    keep_device(response, device)
    return VerifiedAnswer(mobile_proven=citizen.mobile_proven, device=device)


@router.post(
    "/{registration}/otp/resend",
    status_code=202,
    responses=problems(400, 413, 415, 422, 429),
)
async def resend(
    registration: str,
    codes: UsesCodes,
    caller: FromCaller,
    body: ResendBody = BY_SMS,
) -> PendingAnswer:
    """Send a new code; the older one stops counting. At most five an hour, further and further apart.

    After two SMS `channels` offers email, and `{"channel": "email"}` sends it there. After ten codes of a day it is
    email alone, until `sms_after` seconds are over.
    """
    return PendingAnswer.of(await codes.resend("register", registration, caller.address, body.channel))
