"""Every route with every role, through the gateway of a running suite: only roles with the right are let in.

401 for a caller who has not signed in, 403 for a role without the right, and neither for a role with it (other
errors do not matter here). A new route is tested automatically.
"""

import asyncio
import re

import aiohttp
import pytest

from deploy.docs.routes import Served, served
from gateway.openapi import STREAMS
from shared.rights import RIGHTS, Right, Role
from tests.integration.callers import Caller, callers
from tools.portal import Portal, until

ROUTES = list(served())
AT_ONCE = 8
ENDS_SESSIONS = re.compile(r"/api/v1/(me|sessions)(/|$)")
"""Paths whose calls may end the caller's session or account."""


@pytest.fixture(scope="module")
async def known(portal: Portal, environment: dict[str, str]) -> list[Caller]:
    """One caller of each kind."""
    return await callers(portal, environment)


async def call(portal: Portal, method: str, path: str, caller: Caller) -> tuple[int, str]:
    """The status of a call, and the code of its problem."""
    body: dict[str, str] | None = None if method == "GET" else {}
    if (spare := caller.spare) is not None and method != "GET" and ENDS_SESSIONS.match(path):
        async with spare.turn:
            spare.token = spare.token or await spare.make()
            answer = await portal.ask(method, path, token=spare.token, json=body)
            if answer.status < 400:
                spare.token = ""
    else:
        answer = await portal.ask(method, path, token=caller.token, json=body)
    code = answer.body.get("type", "") if isinstance(answer.body, dict) else ""
    return answer.status, str(code)


def is_right(route: Served, caller: Caller, status: int) -> bool:
    """Whether a response is the one that the table of rights requires."""
    if status >= 500:
        return False
    if caller.role is None:
        return status == 401
    if caller.role not in route.roles:
        return status == 403
    return status not in (401, 403)


async def test_every_route_with_every_role(portal: Portal, known: list[Caller]) -> None:
    wrong: list[str] = []
    room = asyncio.Semaphore(AT_ONCE)

    async def walk(route: Served, caller: Caller) -> None:
        if caller.role is Role.ADMIN and route.method == "DELETE" and ENDS_SESSIONS.match(route.path):
            return  # the one administrator goes on being needed; the other roles of staff are walked there

        async def look() -> tuple[int, str] | None:
            status, code = await call(portal, route.method, route.example, caller)
            # There are more routes than one account may call in a minute.
            return (status, code) if status != 429 or caller.role in route.roles else None

        async with room:
            status, code = await until(look, f"an answer to {route.method} {route.path} as {caller.name}")
        if not is_right(route, caller, status):
            wrong.append(f"{route.method} {route.path} as {caller.name}: {status} {code}")

    guarded = [route for route in ROUTES if not route.is_public]
    assert len(guarded) > 30
    await asyncio.gather(*(walk(route, caller) for route in guarded for caller in known))
    assert not wrong, "\n".join(sorted(wrong))


async def test_open_routes_are_open_to_nobody_in_particular(portal: Portal) -> None:
    wrong: list[str] = []
    nobody = Caller("anonymous", None, "")
    for route in ROUTES:
        if route.is_public:
            status, code = await call(portal, route.method, route.example, nobody)
            if code in ("/problems/unauthenticated", "/problems/forbidden") or status >= 500:
                wrong.append(f"{route.method} {route.path}: {status} {code}")
    assert not wrong, "\n".join(sorted(wrong))


@pytest.mark.parametrize(
    ("path", "right"), [("/api/v1/events", Right.OWN_REQUESTS), ("/api/v1/assignments/events", Right.WORK)]
)
async def test_live_streams(portal: Portal, known: list[Caller], path: str, right: Right) -> None:
    assert set(STREAMS) == {"/api/v1/events", "/api/v1/assignments/events", "/api/v1/track/{number}/events"}
    for caller in known:
        headers = {"Authorization": f"Bearer {caller.token}"} if caller.token else {}
        async with aiohttp.ClientSession(portal.url) as http, http.get(path, headers=headers) as answer:
            if caller.role is None:
                assert answer.status == 401, caller.name
            else:
                assert (answer.status == 200) == (caller.role in RIGHTS[right]), caller.name


async def test_a_limited_session_may_do_nothing_but_get_what_is_missing(portal: Portal) -> None:
    token = await portal.admin_token()
    login = "officer.unready"
    body = {"login": login, "name": "Unready", "role": "officer", "department": "water"}
    made = await portal.expect(201, "POST", "/api/v1/admin/officers", token=token, json=body)
    limited = await portal.token_of(login, made["start_password"])
    unready = Caller("officer with a start password", Role.OFFICER, limited)
    for route in ROUTES:
        if route.is_public or Role.OFFICER not in route.roles or route.method == "DELETE":
            continue
        status, code = await call(portal, route.method, route.example, unready)
        if route.rights[0] in (Right.OWN_ACCOUNT, Right.SECOND_FACTOR):
            assert status not in (401, 403), route
        else:
            assert (status, code) == (403, "/problems/enrolment-needed"), route
