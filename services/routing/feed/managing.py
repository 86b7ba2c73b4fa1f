"""The department whose queues or subscriptions a call is about: that of the caller, or any for an administrator."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends

from services.routing.api.assignments import department_of
from services.routing.api.departments import no_store
from shared.auth import Principal, needs
from shared.rights import Right
from shared.routes import Router

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


def at_both_places(path: str, add: Callable[[Router, Any, Any], None]) -> Router:
    """The same routes for heads about their department, and for administrators about any.

    `add` gets a router, and the dependencies that give the department: to manage its systems, and to read of them.
    """
    own = Router(prefix=f"/api/v1/department/{path}", tags=["department messages"], dependencies=[Depends(no_store)])
    add(own, Depends(own_to_manage), Depends(own_to_read))
    prefix = f"/api/v1/admin/departments/{{code}}/{path}"
    any_of_them = Router(prefix=prefix, tags=["administration"], dependencies=[Depends(no_store)])
    add(any_of_them, Depends(any_to_manage), Depends(any_to_manage))
    both = Router()
    both.include_router(own)
    both.include_router(any_of_them)
    return both
