"""The department whose queues or subscriptions a call is about: that of the caller, or any for an administrator."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from services.routing.api.assignments import department_of
from shared.auth import Principal, needs
from shared.rights import Right

Head = Annotated[Principal, Depends(needs(Right.CONNECT_SYSTEMS))]
Reader = Annotated[Principal, Depends(needs(Right.REPLAY_MESSAGES))]
Manager = Annotated[Principal, Depends(needs(Right.MANAGE_DEPARTMENTS))]


@dataclass(frozen=True)
class ManagedDepartment:
    """The code of the department, and the account that calls."""

    department: str
    account: str


async def own_to_manage(principal: Head) -> ManagedDepartment:
    """The head's department."""
    return ManagedDepartment(department_of(principal), principal.id)


async def own_to_read(principal: Reader) -> ManagedDepartment:
    """The department of the head, or of the software."""
    return ManagedDepartment(department_of(principal), principal.id)


async def any_to_manage(code: str, principal: Manager) -> ManagedDepartment:
    """The department of the address."""
    return ManagedDepartment(code[:60], principal.id)
