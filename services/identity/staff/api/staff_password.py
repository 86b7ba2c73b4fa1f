"""Changing the password of a member of staff."""

from typing import Annotated

from fastapi import Depends, Response
from pydantic import Field

from services.identity.accounts.api.bodies import GivenPassword, no_store
from services.identity.staff.api.second_factor import OwnFactor
from services.identity.staff.api.staff import UsesStaff
from shared.jsonbody import Body
from shared.routes import Router

router = Router(prefix="/api/v1/me/staff-password", tags=["sessions"], dependencies=[Depends(no_store)])


class StaffPasswordBody(Body):
    """The current password, and the new one."""

    current: Annotated[GivenPassword, Field(description="the current password, or the start password")]
    new: GivenPassword


@router.post("", status_code=204)
async def change(principal: OwnFactor, body: StaffPasswordBody, staff: UsesStaff) -> Response:
    """Change the caller's password. A start password must be changed. All sessions end, this one too: log in again."""
    await staff.accounts.change_own_password(principal.id, principal.role, body.current, body.new)
    return Response(status_code=204)
