"""Clerks look up and register citizens at the counter or on the phone."""

from typing import Annotated, Literal, Self

from fastapi import Depends
from pydantic import BaseModel, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from services.identity.accounts.api.bodies import Address, Cnic, CodeBody, Email, Mobile, Name, no_store
from services.identity.citizens.api.registrations import PendingAnswer
from services.identity.citizens.service.counter import CounterAccounts, FoundAnswer
from services.identity.citizens.service.registration import Registration
from services.identity.codes.service.codes import Pending
from shared.auth import Principal, needs
from shared.jsonbody import Body
from shared.openapi import problems
from shared.request_headers import OptionalKey
from shared.rights import Right
from shared.routes import Router, use

router = Router(prefix="/api/v1/citizens", tags=["counter"], dependencies=[Depends(no_store)])


class LookupBody(Body):
    """A CNIC or a mobile, in any usual spelling; one of the two."""

    cnic: Cnic | None = None
    mobile: Mobile | None = None

    @model_validator(mode="after")
    def check_one(self) -> Self:
        """Exactly one of the two."""
        if (self.cnic is None) == (self.mobile is None):
            raise PydanticCustomError("required", "refused")
        return self


class CounterBody(Body):
    """A citizen at the counter or on the phone who wants an account. The citizen sets a password later, by a reset."""

    name: Name
    cnic: Cnic
    mobile: Mobile
    email: Email | None = None
    address: Address | None = None
    language: Literal["en", "ur"] = "ur"
    instead_of: Annotated[str, StringConstraints(max_length=100)] | None = None
    """The unproven registration that this one corrects, for example its mobile."""

    def registration(self) -> Registration:
        """The registration, without a password."""
        return Registration(**self.model_dump(exclude_none=True))


class ProvenAnswer(BaseModel):
    """The account is open; its `id` is for filing on the citizen's behalf."""

    id: str
    verified: Literal[True] = True
    mobile_proven: bool


Clerk = Annotated[Principal, Depends(needs(Right.FILE_FOR_CITIZEN))]
UsesCounter = Annotated[CounterAccounts, use("counter")]


@router.post("/lookup", responses=problems(404))
async def look_up(clerk: Clerk, body: LookupBody, counter: UsesCounter) -> FoundAnswer:
    """Find a citizen's account by CNIC or mobile, at most 60 times an hour. Each lookup is recorded."""
    return await counter.look_up(clerk.id, cnic=body.cnic, mobile=body.mobile)


@router.post("", status_code=202, response_model=PendingAnswer)
async def register(clerk: Clerk, body: CounterBody, counter: UsesCounter, key: OptionalKey = None) -> Pending:
    """Open an account for a citizen; a code goes to the mobile, and the citizen reads it out.

    Look the citizen up first. If the CNIC already has an account, the answer is the same, its owner is told, and the
    registration cannot be completed; but if that account has this mobile, the code proves the mobile again, and a new
    password can be chosen. The mobile may belong to another account, as in a household that shares a phone.
    """
    return await counter.register(clerk.id, body.registration(), key)


@router.post("/{registration}/otp")
async def verify(clerk: Clerk, registration: str, body: CodeBody, counter: UsesCounter) -> ProvenAnswer:
    """Prove the mobile with the code that the citizen read out."""
    citizen = await counter.verify(clerk.id, registration, body.code)
    return ProvenAnswer(id=citizen.id, mobile_proven=citizen.mobile_proven)
