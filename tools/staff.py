"""Creates members of staff and a department's software through the API."""

import secrets
from typing import Any

import aiohttp

from shared.rights import IN_DEPARTMENT, Role
from tools.portal import Portal, until

DEPARTMENT = "water"
PASSWORD = "nine quiet lanterns"


def place_of(role: Role) -> str | None:
    """The department for a role, if the role has one."""
    return DEPARTMENT if role in IN_DEPARTMENT else None


async def member(portal: Portal, role: Role) -> tuple[str, str]:
    """Create a member of staff; returns id and token."""
    login = f"{role.value}.{secrets.token_hex(4)}"
    body = {"login": login, "name": "Member", "role": role.value, "department": place_of(role), "password": PASSWORD}
    made = await portal.expect(201, "POST", "/api/v1/admin/officers", token=await portal.admin_token(), json=body)
    return made["id"], await portal.token_of(login, PASSWORD)


async def software(portal: Portal, code: str | None = None) -> str:
    """A token of a department's software; without a department, one is created."""
    token, path = await portal.admin_token(), "/api/v1/admin/departments"
    if code is None:
        words = {"en": "Department of rights", "ur": "محکمہ"}
        entry = {"code": f"rights-{secrets.token_hex(3)}", "name": words, "head": words, "appellate_authority": words}
        made = await portal.expect(201, "POST", path, token=token, json=entry)
    else:
        made = await portal.expect(201, "POST", f"{path}/{code}/credentials", token=token)
    form = {"grant_type": "client_credentials", "client_id": made["user"], "client_secret": made["password"]}

    async def grant() -> str | None:
        async with (
            aiohttp.ClientSession(portal.url) as http,
            http.post("/api/v1/oauth/token", data=form) as answer,
        ):
            body: dict[str, Any] = await answer.json()
            return body.get("access_token")

    return await until(grant, "identity to hear of the department")
