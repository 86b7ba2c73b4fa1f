"""Administration of staff accounts."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import BaseModel

from services.identity.accounts.api.bodies import no_store
from services.identity.accounts.models.device import CHALLENGE
from services.identity.accounts.models.staff import StaffMember
from services.identity.staff.api.staff_bodies import OfficerBody, OfficerChangeBody
from services.identity.staff.service.accounts import NewMember, Started
from services.identity.staff.service.services import StaffServices
from shared.auth import Principal, needs
from shared.clock import Moment
from shared.errors import UnauthenticatedError
from shared.paging import page_of, read_cursor
from shared.request_headers import OptionalKey
from shared.rights import Right, Role
from shared.routes import Router, use

router = Router(prefix="/api/v1/admin", tags=["administration"], dependencies=[Depends(no_store)])


class OfficerAnswer(BaseModel):
    """An account of staff. If `proposed`, it waits for a second administrator. `start_password` is shown only once."""

    id: str
    login: str
    name: str
    role: Role
    department: str | None
    counter: str | None
    made_at: Moment
    disabled: bool
    proposed: bool
    start_password: str | None = None

    @classmethod
    def of(cls, member: StaffMember, start_password: str | None = None) -> "OfficerAnswer":
        """The answer for a member."""
        proposed = member.proposed_by is not None
        return cls(**asdict(member), proposed=proposed, start_password=start_password)


class OfficersAnswer(BaseModel):
    """A page of accounts in the order of creation; `next` is the cursor of the following page."""

    officers: list[OfficerAnswer]
    next: str | None


class StartPasswordAnswer(BaseModel):
    """A start password, to be changed within three days. It is shown only once."""

    id: str
    start_password: str

    @classmethod
    def of(cls, started: Started) -> "StartPasswordAnswer":
        """The answer for a reset."""
        return cls(id=started.member.id, start_password=started.start_password or "")


StaffAdmin = Annotated[Principal, Depends(needs(Right.MANAGE_STAFF))]
UsesStaff = Annotated[StaffServices, use("staff")]


async def manager(request: Request, principal: StaffAdmin) -> Principal:
    """The administrator, if the session has not ended: one who was just disabled could else disable all others."""
    if not await request.app.state.logins.is_alive(principal.session):
        raise UnauthenticatedError(headers=CHALLENGE)
    return principal


Manager = Annotated[Principal, Depends(manager)]


@router.post("/officers", status_code=201, response_model_exclude_none=False)
async def add_officer(
    principal: Manager, body: OfficerBody, staff: UsesStaff, key: OptionalKey = None
) -> OfficerAnswer:
    """Create an account for a member of staff; 409 if the login is taken.

    A new administrator waits until a second administrator confirms. The same Idempotency-Key with the same fields
    returns the account that the first call created, without the start password.
    """
    new = NewMember(body.login, body.name, Role(body.role), body.department, body.password, body.counter)
    started = await staff.accounts.add(new, by=principal.id, idempotency_key=key)
    return OfficerAnswer.of(started.member, started.start_password)


@router.get("/officers")
async def list_officers(
    _: Manager,
    staff: UsesStaff,
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
    cursor: Annotated[str | None, Query(max_length=80)] = None,
) -> OfficersAnswer:
    """All accounts of staff, in the order of creation."""
    found = await staff.accounts.page(read_cursor(cursor), limit + 1)
    page, following = page_of(found, limit, lambda last: (last.made_at, last.id))
    return OfficersAnswer(officers=[OfficerAnswer.of(member) for member in page], next=following)


@router.patch("/officers/{officer}")
async def change_officer(principal: Manager, officer: str, body: OfficerChangeBody, staff: UsesStaff) -> OfficerAnswer:
    """Change a member's department, counter or role, disable or enable the account; the member's sessions end.

    The role `admin` is only proposed: a second administrator confirms it. Nobody can change their own account.
    """
    return OfficerAnswer.of(await staff.accounts.change(officer, body.fields(), by=principal.id))


@router.post("/officers/{officer}/confirm")
async def confirm_officer(principal: Manager, officer: str, staff: UsesStaff) -> OfficerAnswer:
    """Confirm a proposed administrator. The administrator who made the proposal cannot."""
    return OfficerAnswer.of(await staff.accounts.confirm(officer, by=principal.id))


@router.post("/officers/{officer}/password-reset")
async def reset_password(principal: Manager, officer: str, staff: UsesStaff) -> StartPasswordAnswer:
    """Give a member a start password made by the portal; the old password and all sessions end."""
    return StartPasswordAnswer.of(await staff.accounts.reset_password(officer, by=principal.id))
