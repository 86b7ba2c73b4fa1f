"""The citizen's own data: exporting, correcting and erasing it."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, Field, StringConstraints, field_validator
from pydantic_core.core_schema import ValidationInfo

from services.identity.accounts import schemas
from services.identity.accounts.api.bodies import Password, no_store, problems, read_field
from services.identity.accounts.service.accesses import AccessTrail
from services.identity.accounts.service.accounts import Accounts
from services.identity.citizens.service.corrections import Corrections, DataCorrection
from services.identity.citizens.service.erasure import AccountErasure
from services.identity.citizens.service.own_data import OwnData
from services.identity.sessions.api.sessions import OwnDataAnswer
from shared.addresses import EMAIL_LENGTH
from shared.auth import Principal, needs
from shared.jsonbody import Body
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1/me", tags=["own data"], dependencies=[Depends(no_store)])
Own = Annotated[Principal, Depends(needs(Right.OWN_DATA))]
GivenPassword = Annotated[Password, StringConstraints(min_length=1), Field(description="one's password, once more")]


class ErasureBody(Body):
    """The password, since it cannot be undone. Who forgot it resets it first."""

    password: GivenPassword


class CorrectionBody(Body):
    """What is to be mended; what is left out stays. A new email needs the password, since codes may go there."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    email: Annotated[str, StringConstraints(max_length=EMAIL_LENGTH)] | None = None
    address: Annotated[str, StringConstraints(min_length=1, max_length=500)] | None = None
    language: Literal["en", "ur"] | None = None
    password: str | None = Field(default=None, min_length=1, max_length=1000, repr=False)

    @field_validator("name", "email", "address")
    @classmethod
    def read(cls, value: str | None, info: ValidationInfo) -> str | None:
        """The normal spelling."""
        return None if value is None else read_field(str(info.field_name), value)


class ErasedAnswer(BaseModel):
    """The account is closed; what other services keep is emptied within minutes."""

    erased: Literal[True] = True


@router.get("/export", operation_id="export_account", responses=problems(401, 403, 404))
async def export(principal: Own, own_data: Annotated[OwnData, use("own_data")]) -> schemas.ExportedAccount:
    """Everything that is kept of oneself here, in the clear; `elsewhere` names the addresses of the rest.

    For a day after a reset of the password the CNIC is masked: `cnic_masked_until` says how long.
    """
    return await own_data.export(principal.id)


@router.get("/accesses", responses=problems(400, 401, 403))
async def accesses(
    principal: Own,
    trail: Annotated[AccessTrail, use("accesses")],
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> schemas.Looks:
    """Who looked at what one filed: role and department, when, which request; looks within an hour are one."""
    return await trail.own(principal.id, cursor, limit)


@router.patch(
    "",
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
    response_model_exclude_none=True,
)
async def correct(
    principal: Own,
    body: CorrectionBody,
    corrections: Annotated[Corrections, use("corrections")],
    accounts: Annotated[Accounts, use("accounts")],
) -> OwnDataAnswer:
    """Correct the caller's name, email, address or language. An SMS and an email go out, also to the old address.

    Another email is refused (409) for a day after a reset of the password; `Retry-After` says how long.
    """
    if body.model_fields_set - {"password"}:
        await corrections.correct(principal.id, DataCorrection(**body.model_dump()))
    return OwnDataAnswer(**await accounts.own_data(principal))


@router.post(
    "/erasure",
    status_code=202,
    responses=problems(400, 401, 403, 404, 409, 413, 415, 422, 429, 503),
)
async def erase(
    principal: Own,
    body: ErasureBody,
    erasure: Annotated[AccountErasure, use("erasure")],
) -> ErasedAnswer:
    """Close the account for good and erase who one is, here and in every request one filed.

    At once: all sessions end, nobody can log in, CNIC and mobile are free. Open requests are withdrawn; of all
    requests only what government did is kept, with nothing that leads to a person.
    """
    await erasure.erase(principal.id, body.password)
    return ErasedAnswer()
