"""Administration of staff accounts."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Request
from pydantic import BaseModel

from services.identity.api.bodies import OfficerBody, described, idempotency_key, no_store, problems, reads
from services.identity.service.staff import NewMember, StaffOffice
from shared.auth import Principal, needs
from shared.rights import Right, Role

router = APIRouter(prefix="/api/v1/admin", tags=["administration"], dependencies=[Depends(no_store)])
EXAMPLE = {
    "login": "officer.water",
    "name": "Bilal Ahmed",
    "role": "officer",
    "department": "water",
    "password": "seven brass kettles",
}


class OfficerAnswer(BaseModel):
    """An account of staff."""

    id: str
    login: str
    name: str
    role: Role
    department: str | None
    made_at: datetime


def office_of(request: Request) -> StaffOffice:
    """The use case of this process."""
    found: StaffOffice = request.app.state.staff
    return found


@router.post(
    "/officers",
    status_code=201,
    responses=problems(400, 401, 403, 409, 413, 415, 422, 503),
    openapi_extra=described(OfficerBody, EXAMPLE),
)
async def add_officer(
    principal: Annotated[Principal, Depends(needs(Right.MANAGE_STAFF))],
    body: Annotated[OfficerBody, Depends(reads(OfficerBody))],
    office: Annotated[StaffOffice, Depends(office_of)],
    key: Annotated[str | None, Depends(idempotency_key)],
    _: Annotated[str | None, Header(alias="Idempotency-Key", description="Optional; makes retrying safe.")] = None,
) -> OfficerAnswer:
    """Make an account for an officer, a head or an administrator; 409 when the login is taken.

    The same Idempotency-Key with the same words answers with the account that the first call made.
    """
    new = NewMember(body.login, body.name, Role(body.role), body.department, body.password)
    member = await office.add(new, by=principal.id, idempotency_key=key)
    return OfficerAnswer(
        id=member.id,
        login=member.login,
        name=member.name,
        role=member.role,
        department=member.department,
        made_at=member.made_at,
    )
