"""Everybody who may knock at the door: each role, and those whose session is over; for the test of the rights."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp

from services.identity.keys.store.keys import KeyStore
from services.identity.keys.tokens import Tokens
from services.identity.settings import IdentitySettings
from shared.clock import utc_now
from shared.mongo import connect
from shared.rights import IN_DEPARTMENT, Role
from tests.portal import Portal, until

DEPARTMENT = "water"
REFUSED_WITHIN = 5.0
ONE_OF_EACH = ("/api/v1/admin/audit", "/api/v1/requests", "/api/v1/assignments", "/api/v1/notifications")
"""A route of each service."""
PASSWORD = "nine quiet lanterns"


@dataclass(frozen=True)
class Caller:
    """A way to call: its role, and how to get a token; `anew` makes an account of its own for calls that end one."""

    name: str
    role: Role | None
    token: str
    anew: Callable[[], Awaitable[str]] | None = None


async def callers(portal: Portal, environment: dict[str, str]) -> list[Caller]:
    """One caller of each kind."""

    async def citizen() -> str:
        return (await portal.register()).token

    found = [Caller("anonymous", None, ""), Caller("citizen", Role.CITIZEN, await citizen(), citizen)]
    for role in Role:
        if role in (Role.CITIZEN, Role.DEPARTMENT, Role.ADMIN):
            continue
        found.append(Caller(role.value, role, await portal.staff(role.value, place_of(role)), maker(portal, role)))
    found.append(Caller("admin", Role.ADMIN, await portal.admin_token(), portal.admin_token))
    found.append(Caller("department's software", Role.DEPARTMENT, await software(portal)))
    found.append(Caller("expired token", None, await expired(environment, Role.ADMIN, portal.url)))
    found.append(Caller("disabled member", None, await disabled(portal)))
    found.append(Caller("ended session", None, await ended(portal)))
    return found


def place_of(role: Role) -> str | None:
    """The department of a role that has one."""
    return DEPARTMENT if role in IN_DEPARTMENT else None


def maker(portal: Portal, role: Role) -> Callable[[], Awaitable[str]]:
    """What makes a new member of that role, and signs them in."""

    async def make() -> str:
        return (await member(portal, role))[1]

    return make


async def member(portal: Portal, role: Role) -> tuple[str, str]:
    """A new member of staff: id and token."""
    login = f"{role.value}.{secrets.token_hex(4)}"
    body = {"login": login, "name": "Member", "role": role.value, "department": place_of(role), "password": PASSWORD}
    made = await portal.expect(201, "POST", "/api/v1/admin/officers", token=await portal.admin_token(), json=body)
    return made["id"], await portal.token_of(login, PASSWORD)


async def disabled(portal: Portal) -> str:
    """The token of an officer who was disabled since."""
    officer, token = await member(portal, Role.OFFICER)
    path, admin = f"/api/v1/admin/officers/{officer}", await portal.admin_token()
    await portal.expect(200, "PATCH", path, token=admin, json={"disabled": True})
    await refused(portal, token)
    return token


async def ended(portal: Portal) -> str:
    """The token of an officer who has logged out since."""
    _, token = await member(portal, Role.OFFICER)
    await portal.expect(204, "DELETE", "/api/v1/sessions/current", token=token)
    await refused(portal, token)
    return token


async def refused(portal: Portal, token: str) -> None:
    """Wait until every service refuses the token, at most five seconds."""

    async def look() -> bool | None:
        answers = await asyncio.gather(*(portal.ask("GET", path, token=token) for path in ONE_OF_EACH))
        return {answer.status for answer in answers} == {401} or None

    await until(look, "the token to be refused", patience=REFUSED_WITHIN)


async def software(portal: Portal, code: str | None = None) -> str:
    """A token of a department's own software: of that department, or of one that is made for it."""
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


async def expired(environment: dict[str, str], role: Role, issuer: str, ago: timedelta = timedelta(minutes=11)) -> str:
    """A token that identity signed then; it was good for ten minutes."""
    settings = IdentitySettings.model_validate(environment)
    async with connect(settings.mongo_url.get_secret_value(), "rabta_identity") as database:
        keys, then = KeyStore(database), utc_now() - ago
        tokens = Tokens(keys, settings.keys, lambda: then, issuer=issuer, days=30, outages=())
        return await tokens.issue("somebody", role, None, "a session")
