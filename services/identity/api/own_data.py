"""One's own data as a citizen: erasing it."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field, StringConstraints

from services.identity.api.bodies import Password, StrictBody, described, no_store, problems, reads
from services.identity.service.erasure import Erasure
from shared.auth import Principal, needs
from shared.rights import Right

router = APIRouter(prefix="/api/v1/me", tags=["own data"], dependencies=[Depends(no_store)])
Own = Annotated[Principal, Depends(needs(Right.OWN_DATA))]
GivenPassword = Annotated[Password, StringConstraints(min_length=1), Field(description="one's password, once more")]


class ErasureBody(StrictBody):
    """The password, since it cannot be undone. Who forgot it resets it first."""

    password: GivenPassword


class ErasedAnswer(BaseModel):
    """The account is closed; what other services keep is emptied within minutes."""

    erased: Literal[True] = True


def erasure_of(request: Request) -> Erasure:
    """The use case of this process."""
    found: Erasure = request.app.state.erasure
    return found


@router.post(
    "/erasure",
    status_code=202,
    responses=problems(400, 401, 403, 404, 413, 415, 422, 429, 503),
    openapi_extra=described(ErasureBody, {"password": "monsoon over the blue hills"}),
)
async def erase(
    principal: Own,
    body: Annotated[ErasureBody, Depends(reads(ErasureBody))],
    erasure: Annotated[Erasure, Depends(erasure_of)],
) -> ErasedAnswer:
    """Close the account for good and erase who one is, here and in every request one filed.

    At once: all sessions end, nobody can log in, CNIC and mobile are free. Open requests are withdrawn; of all
    requests only what government did is kept, with nothing that leads to a person.
    """
    await erasure.erase(principal.id, body.password)
    return ErasedAnswer()
