"""Registration and its one-time codes."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel

from services.identity.api.bodies import (
    CodeBody,
    RegistrationBody,
    described,
    idempotency_key,
    no_store,
    problems,
    reads,
)
from services.identity.service.codes import Codes
from services.identity.service.registration import Registration, Registrations
from shared.auth import Public

router = APIRouter(prefix="/api/v1/registrations", tags=["registration"], dependencies=[Public, Depends(no_store)])
Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="Optional. With the same key, CNIC and mobile the answer is the same registration.",
    ),
]
EXAMPLE = {
    "name": "Ayesha Khan",
    "cnic": "35202-1234567-2",
    "mobile": "0300 1234567",
    "email": "ayesha@example.com",
    "address": "House 12, Street 4, Hayatabad, Peshawar",
    "language": "ur",
    "password": "monsoon over the blue hills",
}


class PendingAnswer(BaseModel):
    """What is next: the code from the SMS. `resend_after` in seconds."""

    registration: str
    next: Literal["otp"] = "otp"
    resend_after: int


class VerifiedAnswer(BaseModel):
    """The mobile is proven; log in."""

    verified: Literal[True] = True


def registrations_of(request: Request) -> Registrations:
    """The use case of this process."""
    found: Registrations = request.app.state.registrations
    return found


def codes_of(request: Request) -> Codes:
    """The use case of this process."""
    found: Codes = request.app.state.codes
    return found


@router.post(
    "",
    status_code=202,
    responses=problems(400, 413, 415, 422, 503),
    openapi_extra=described(RegistrationBody, EXAMPLE),
)
async def register(
    body: Annotated[RegistrationBody, Depends(reads(RegistrationBody))],
    use_case: Annotated[Registrations, Depends(registrations_of)],
    key: Annotated[str | None, Depends(idempotency_key)],
    _: Key = None,
) -> PendingAnswer:
    """Open an account; a code goes to the mobile. The answer is the same for a CNIC or mobile that has one already.

    With an Idempotency-Key a caller who lost the answer can ask again and gets the same registration.
    """
    pending = await use_case.register(Registration(**body.model_dump()), key)
    return PendingAnswer(registration=pending.id, resend_after=pending.resend_after)


@router.post(
    "/{registration}/otp",
    responses=problems(400, 413, 415, 422),
    openapi_extra=described(CodeBody, {"code": "123456"}),
)
async def verify(
    registration: str,
    body: Annotated[CodeBody, Depends(reads(CodeBody))],
    codes: Annotated[Codes, Depends(codes_of)],
) -> VerifiedAnswer:
    """Prove the mobile with the newest code: good once, for ten minutes, and for five tries."""
    await codes.verify(registration, body.code)
    return VerifiedAnswer()


@router.post("/{registration}/otp/resend", status_code=202, responses=problems(422, 429))
async def resend(registration: str, codes: Annotated[Codes, Depends(codes_of)]) -> PendingAnswer:
    """Send a new code; the older one stops counting. At most five an hour, further and further apart."""
    return PendingAnswer(registration=registration, resend_after=await codes.resend(registration))
