"""The citizen's own data: exporting, correcting and erasing it."""

from typing import Annotated, Literal

from fastapi import Depends, Query
from pydantic import BaseModel, Field

from services.identity.accounts import schemas
from services.identity.accounts.api.bodies import Address, Email, GivenPassword, Name, no_store
from services.identity.accounts.service.accounts import Accounts
from services.identity.accounts.store.accesses import AccessTrailStore
from services.identity.citizens.models.changes import DataCorrection
from services.identity.citizens.service.corrections import Corrections
from services.identity.citizens.service.erasure import AccountErasure
from services.identity.citizens.service.own_data import OwnData, access_page
from services.identity.sessions.api.sessions import OwnDataAnswer
from shared.auth import Principal, needs
from shared.jsonbody import Body
from shared.openapi import problems
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1/me", tags=["own data"], dependencies=[Depends(no_store)])
Own = Annotated[Principal, Depends(needs(Right.OWN_DATA))]
PasswordAgain = Annotated[GivenPassword, Field(description="the caller's password, again")]


class ErasureBody(Body):
    """The password, since erasure cannot be undone. If you forgot it, reset it first."""

    password: PasswordAgain


class CorrectionBody(Body):
    """The fields to correct; the others stay. A new email needs the password, since codes may go there."""

    name: Name | None = None
    email: Email | None = None
    address: Address | None = None
    language: Literal["en", "ur"] | None = None
    password: str | None = Field(default=None, min_length=1, max_length=1000, repr=False)


class ErasedAnswer(BaseModel):
    """The account is erased; other services erase their data within minutes."""

    erased: Literal[True] = True


@router.get("/export", operation_id="export_account", responses=problems(404))
async def export(principal: Own, own_data: Annotated[OwnData, use("own_data")]) -> schemas.ExportedAccount:
    """Everything that this service keeps about the caller; `elsewhere` lists the addresses of the other exports.

    For a day after a password reset the CNIC is masked, until `cnic_masked_until`.
    """
    return await own_data.export(principal.id)


@router.get("/accesses")
async def accesses(
    principal: Own,
    trail: Annotated[AccessTrailStore, use("accesses")],
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> schemas.Looks:
    """Accesses of staff to the caller's data: role, department, time and request; one entry an hour for each person."""
    return await access_page(trail, principal.id, cursor, limit)


@router.patch("", responses=problems(404), response_model_exclude_none=True)
async def correct(
    principal: Own,
    body: CorrectionBody,
    corrections: Annotated[Corrections, use("corrections")],
    accounts: Annotated[Accounts, use("accounts")],
) -> OwnDataAnswer:
    """Correct the caller's name, email, address or language. An SMS and an email confirm it, also to the old address.

    Another email is refused (409) for a day after a password reset, until `Retry-After`.
    """
    if body.model_fields_set - {"password"}:
        await corrections.correct(principal.id, DataCorrection(**body.model_dump()))
    return OwnDataAnswer(**await accounts.own_data(principal))


@router.post("/erasure", status_code=202, responses=problems(404))
async def erase(principal: Own, body: ErasureBody, erasure: Annotated[AccountErasure, use("erasure")]) -> ErasedAnswer:
    """Close the account for good and erase the caller's personal data, here and in all requests.

    All sessions end at once, nobody can log in any more, and CNIC and mobile can be registered again. Open requests
    are withdrawn; requests keep only what government did, without anything that leads to a person.
    """
    await erasure.erase(principal.id, body.password)
    return ErasedAnswer()
