"""A refused right is logged with account, role and right; a granted one is not."""

from types import SimpleNamespace
from typing import Annotated, Any

import pytest
from fastapi import Depends, FastAPI

import shared.auth
from shared import errors
from shared.auth import Principal, needs
from shared.rights import Right, Role
from tests.unit.shared.asgi import call

ROUTE = "/api/v1/staff/{member}"


class Door:
    """An authenticator that returns the set principal."""

    def __init__(self, role: Role, *, limited: bool = False) -> None:
        self.caller = Principal("account-7", role, None, "session", 1e12, limited)

    async def principal(self, _: str | None) -> Principal:
        """The one."""
        return self.caller


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What is logged where rights are demanded."""
    lines: list[dict[str, Any]] = []
    monkeypatch.setattr(
        shared.auth, "log", SimpleNamespace(info=lambda event, **fields: lines.append({"event": event, **fields}))
    )
    return lines


async def asked(app: FastAPI, door: Door, method: str, path: str) -> int:
    """The status of the answer to somebody."""
    app.state.authenticator = door
    errors.install(app, ())

    @app.patch(ROUTE)
    async def change(member: str, principal: Annotated[Principal, Depends(needs(Right.MANAGE_STAFF))]) -> str:
        return member + principal.id

    return (await call(app, method, path)).status


@pytest.mark.parametrize(
    ("door", "code"),
    [(Door(Role.OFFICER), "forbidden"), (Door(Role.ADMIN, limited=True), "enrolment-needed")],
)
async def test_refused_right_is_logged_with_account_and_role(
    lines: list[dict[str, Any]], door: Door, code: str
) -> None:
    assert await asked(FastAPI(), door, "PATCH", "/api/v1/staff/35202-1234567-1") == 403
    expected = {
        "account": "account-7",
        "role": str(door.caller.role),
        "right": "manage_staff",
        "route": f"PATCH {ROUTE}",
    }
    assert lines == [{"event": "right.refused", **expected, "code": code}]


async def test_granted_right_is_not_logged(lines: list[dict[str, Any]]) -> None:
    assert await asked(FastAPI(), Door(Role.ADMIN), "PATCH", "/api/v1/staff/7") == 200
    assert lines == []
