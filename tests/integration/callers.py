"""Callers for the test of rights: one of each role, and some whose session has ended."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

from services.identity.keys.store.keys import KeyStore
from services.identity.keys.tokens import Tokens
from services.identity.settings import IdentitySettings
from shared.clock import utc_now
from shared.mongo import connect
from shared.rights import Role
from tools.portal import Portal, until
from tools.staff import member, place_of, software

REFUSED_WITHIN = 5.0
ONE_OF_EACH = ("/api/v1/admin/audit", "/api/v1/requests", "/api/v1/assignments", "/api/v1/notifications")
"""A route of each service."""


@dataclass
class Spare:
    """An account for calls that may end it, one at a time; a new one takes its place after any that succeeded."""

    make: Callable[[], Awaitable[str]]
    token: str = ""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)


@dataclass(frozen=True)
class Caller:
    """A caller: its role, its token, and the account for calls that may end one."""

    name: str
    role: Role | None
    token: str
    spare: Spare | None = None


async def callers(portal: Portal, environment: dict[str, str]) -> list[Caller]:
    """One caller of each kind."""

    async def citizen() -> str:
        return (await portal.register()).token

    found = [Caller("anonymous", None, ""), Caller("citizen", Role.CITIZEN, await citizen(), Spare(citizen))]
    for role in Role:
        if role in (Role.CITIZEN, Role.DEPARTMENT, Role.ADMIN):
            continue
        found.append(
            Caller(role.value, role, await portal.staff(role.value, place_of(role)), Spare(maker(portal, role)))
        )
    found.append(Caller("admin", Role.ADMIN, await portal.admin_token()))
    found.append(Caller("department's software", Role.DEPARTMENT, await software(portal)))
    found.append(Caller("expired token", None, await expired(environment, Role.ADMIN, portal.url)))
    found.append(Caller("disabled member", None, await disabled(portal)))
    found.append(Caller("ended session", None, await ended(portal)))
    return found


def maker(portal: Portal, role: Role) -> Callable[[], Awaitable[str]]:
    """A function that creates a member of that role and signs in."""

    async def make() -> str:
        return (await member(portal, role))[1]

    return make


async def disabled(portal: Portal) -> str:
    """The token of an officer whose account was disabled."""
    officer, token = await member(portal, Role.OFFICER)
    path, admin = f"/api/v1/admin/officers/{officer}", await portal.admin_token()
    await portal.expect(200, "PATCH", path, token=admin, json={"disabled": True})
    await refused(portal, token)
    return token


async def ended(portal: Portal) -> str:
    """The token of an officer who has logged out."""
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


async def expired(environment: dict[str, str], role: Role, issuer: str, ago: timedelta = timedelta(minutes=11)) -> str:
    """A token that identity signed at that time; it was valid for ten minutes."""
    settings = IdentitySettings.model_validate(environment)
    async with connect(settings.mongo_url.get_secret_value(), "rabta_identity") as database:
        keys, then = KeyStore(database), utc_now() - ago
        tokens = Tokens(keys, settings.keys, lambda: then, issuer=issuer, days=30)
        return await tokens.issue("somebody", role, None, "a session")
