"""Every route to a thing, called by everybody who has the right: owners get through, strangers get 404.

Strangers call first, with calls that would be accepted from an owner, and not a byte changes; then owners call.
"""

import asyncio
import base64
import json
import re
import secrets
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from pymongo import MongoClient

from deploy.docs.routes import Served, app_of, served
from deploy.local.servers import Servers
from shared.clock import utc_now
from shared.rights import Role
from tests.attachments import JPEG, papers, sent
from tests.integration.owned import COLUMNS, ROUTES, Whose, name_of
from tests.integration.test_nasty_inputs import changed, digests, quiet
from tests.journeys.test_appeal import GROUNDS, decided_by_the_head
from tests.journeys.test_filers import file_for
from tests.journeys.test_main_job import DOMICILE, LAMP
from tests.journeys.test_staff import made, session
from tests.unit.requests.nasty_files import picture
from tools.filings import TEACHER
from tools.people import new_mobile
from tools.portal import Citizen, Portal
from tools.staff import software

AT_ONCE = 8
AUTHORITY, ANOTHER = "ombudsman", "health"
REVISION = {"If-Match": '"999999"'}
"""A revision that nothing has: the call of an owner gets past the check of rights, and changes nothing."""


@dataclass
class World:
    """The callers, and for each thing the parameters of its path."""

    tokens: dict[str, str] = field(default_factory=dict)
    roles: dict[str, Role] = field(default_factory=dict)
    things: dict[str, dict[str, str]] = field(default_factory=dict)
    beside: dict[str, str] = field(default_factory=dict)
    """Requests into which officers would merge, each at their own department."""
    nameless: dict[str, str] = field(default_factory=dict)
    """The parameters of the paths of an anonymous request."""
    key: str = ""
    another_key: str = ""
    """The key of that request, and that of another one."""

    def enter(self, column: str, role: Role, token: str) -> None:
        """Add a caller."""
        self.tokens[column], self.roles[column] = token, role


@pytest.fixture(scope="module")
async def world(portal: Portal, servers: Servers) -> World:
    """All callers and things."""
    world = World()
    owner, stranger, follower = await portal.register(), await portal.register(), await portal.register()
    for column, citizen in (("owner", owner), ("stranger", stranger), ("follower", follower)):
        world.enter(column, Role.CITIZEN, citizen.token)
    clerk = await portal.staff("clerk")
    world.enter("clerk", Role.CLERK, clerk)
    world.enter("another clerk", Role.CLERK, (await session(portal, await made(portal, "clerk")))["access_token"])
    await requests_of(portal, world, owner, follower, clerk)
    await own_things(portal, world, owner)
    (world.nameless, world.key), (_, world.another_key) = await without_a_name(portal), await without_a_name(portal)
    here = (await portal.request(owner, world.things["request"]["number"]))["department"]
    with MongoClient[dict[str, Any]](servers.mongo_url) as client:
        held = client["rabta_requests"]["requests"].find_one({"_id": world.things["held"]["number"]})
        assert held is not None
    for place, code in (("", here), (" elsewhere", held["intended"])):
        for role in (Role.OFFICER, Role.HEAD):
            world.enter(f"{role}{place}", role, await portal.officer(code, role))
        world.enter(f"software{place}", Role.DEPARTMENT, await software(portal, code))
    entry = {"name": "Ours", "kind": "pull"}  # nothing is sent to it: its bytes change by calls alone
    path, head = "/api/v1/department/subscriptions", world.tokens["head"]
    subscription = await portal.expect(201, "POST", path, token=head, json=entry)
    officer, number = world.tokens["officer"], world.things["request"]["number"]
    asked = await portal.act(officer, number, "parts", department=held["intended"], task="Look.", due=in_a_week())
    world.things["part"] = {"number": number, "part": asked.body["parts"][0]["id"]}
    world.things["colleague"] = {"account": account_of(officer)}
    world.things["subscription"] = {"subscription": subscription["id"]}
    world.enter("appellate", Role.APPELLATE, await portal.officer(AUTHORITY, "appellate"))
    world.enter("officer of the authority", Role.OFFICER, await portal.officer(AUTHORITY))
    world.enter("appellate elsewhere", Role.APPELLATE, await portal.officer(ANOTHER, "appellate"))
    assert world.tokens.keys() == COLUMNS
    assert len({here, held["intended"], AUTHORITY, ANOTHER}) == 4
    return world


def account_of(token: str) -> str:
    """The account that a token names."""
    claims = token.split(".")[1]
    return str(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4)))["sub"])


def in_a_week() -> str:
    """A day, as a body names it."""
    return (utc_now() + timedelta(days=7)).date().isoformat()


async def requests_of(portal: Portal, world: World, owner: Citizen, follower: Citizen, clerk: str) -> None:
    """The owner's requests, each with a file if possible, and other requests at the same departments."""
    file = await sent(portal, owner.token)
    _, appealed, _, _ = await decided_by_the_head(portal, owner, attachments=[file])
    headers = {"Idempotency-Key": secrets.token_hex(8)}
    path = f"/api/v1/requests/{appealed}/appeal"
    appeal = await portal.expect(201, "POST", path, token=owner.token, json=GROUNDS, headers=headers)
    filed = await file_for(portal, clerk, owner, secrets.token_hex(8), **LAMP)
    assert filed.status == 201, filed.body
    confidential = await portal.file(owner, {**LAMP, "confidential": True})
    held = await portal.file(owner, DOMICILE)
    numbers = {
        "request": filed.body["number"],
        "confidential": confidential["number"],
        "appealed": appealed,
        "appeal": appeal["number"],
        "held": held["number"],
    }
    for thing in ("request", "confidential", "appeal"):
        await portal.reaches(owner, numbers[thing], "routed")
    world.things = {thing: {"number": number, "attachment": file} for thing, number in numbers.items()}
    for thing in ("request", "confidential"):
        world.things[thing]["attachment"] = await sent(portal, owner.token, to=numbers[thing])
    await portal.expect(200, "PUT", f"/api/v1/requests/{numbers['request']}/follow", token=follower.token)
    documents = {**DOMICILE, "attachments": await papers(portal, follower.token)}
    for place, filing in (("", LAMP), (" elsewhere", documents)):
        number = (await portal.file(follower, filing))["number"]
        await portal.reaches(follower, number, "routed")
        world.beside[place] = number


async def own_things(portal: Portal, world: World, owner: Citizen) -> None:
    """Things of an account other than requests."""
    token, key = owner.token, {"Idempotency-Key": secrets.token_hex(8)}
    draft = await portal.expect(201, "POST", "/api/v1/drafts", token=token, json=LAMP, headers=key)
    mobile = {"mobile": new_mobile(), "password": owner.password}
    change = await portal.expect(202, "POST", "/api/v1/me/mobile", token=token, json=mobile)
    await portal.login(owner)
    sessions = (await portal.expect(200, "GET", "/api/v1/me/sessions", token=token))["sessions"]
    devices = (await portal.expect(200, "GET", "/api/v1/me/devices", token=token))["devices"]
    world.things |= {
        "draft": {"draft": draft["id"]},
        "change": {"change": change["change"]},
        "session": {"session": next(one["id"] for one in sessions if not one["current"])},
        "device": {"device": devices[0]["id"]},
    }


async def without_a_name(portal: Portal) -> tuple[dict[str, str], str]:
    """An anonymous request with a file: the parameters of its paths, and its key."""
    headers = {"Idempotency-Key": secrets.token_hex(16)}
    filed = await portal.expect(201, "POST", "/api/v1/anonymous-requests", json=TEACHER, headers=headers)
    path, key = f"/api/v1/requests/{filed['number']}/attachments", filed["key"]
    headers |= {"Content-Type": JPEG, "Authorization": f"Key {key}"}
    file = await portal.expect(201, "POST", path, data=picture(), headers=headers)
    return {"number": filed["number"], "attachment": file["id"]}, key


def routes_by_key() -> list[Served]:
    """The routes that take a key; those that end things come last."""
    routes = [route for route in served() if route.by_key]
    assert len(routes) > 10
    return sorted(routes, key=lambda route: (route.method == "DELETE", route.path.endswith("/withdraw")))


async def with_key(portal: Portal, routes: list[Served], places: dict[str, str], key: str) -> dict[str, int]:
    """The statuses of calls about an anonymous request."""
    headers = REVISION | {"Authorization": f"Key {key}"}
    return {name_of(route): await status_of(portal, route, places, example_of(route), headers) for route in routes}


def cases() -> list[tuple[Served, Whose, str]]:
    """Every route to a thing with every column; routes that end things come last."""
    rows = [(route, whose) for route in served() for whose in ROUTES.get(name_of(route), ())]
    rows.sort(key=lambda row: (row[0].method == "DELETE", row[0].path.endswith("/withdraw"), row[0].method != "GET"))
    return [(route, whose, column) for route, whose in rows for column in sorted(COLUMNS)]


async def call(portal: Portal, world: World, route: Served, thing: str, column: str) -> int:
    """The status of a call that would be accepted from an owner, except for its revision."""
    body = example_of(route)
    if route.path.endswith("/merge"):
        body = {**body, "into": world.beside[" elsewhere" if column.endswith("elsewhere") else ""]}
    headers = REVISION | {"Authorization": f"Bearer {world.tokens[column]}"}
    return await status_of(portal, route, world.things[thing], body, headers)


async def status_of(portal: Portal, route: Served, places: dict[str, str], body: Any, headers: dict[str, str]) -> int:
    """The status of a call about that thing, with a picture for an upload, otherwise with the body, if any."""
    sent = headers | {"Idempotency-Key": secrets.token_hex(16)}
    content: dict[str, Any] = {"json": body} if body is not None else {}
    if route.method == "POST" and route.path.endswith("/attachments"):
        sent["Content-Type"], content = JPEG, {"data": picture()}
    path = route.path.format(**places)
    async with (
        aiohttp.ClientSession(portal.url) as http,
        http.request(route.method, path, headers=sent, **content) as answer,
    ):
        return answer.status


def example_of(route: Served) -> Any:
    """The example of the route's body in the API description; None if there is none."""
    described = app_of(route.service).openapi()["paths"][route.path][route.method.lower()]
    content = described.get("requestBody", {}).get("content", {})
    return content.get("application/json", {}).get("example")


@pytest.fixture(scope="module")
async def before(servers: Servers, world: World) -> dict[str, str]:
    """The digests of everything, once nothing is written any more."""
    return await quiet(servers)


async def test_strangers_find_nothing_and_change_nothing(
    portal: Portal, servers: Servers, world: World, before: dict[str, str]
) -> None:
    wrong: list[str] = []
    room = asyncio.Semaphore(AT_ONCE)

    async def walk(route: Served, whose: Whose, column: str) -> None:
        expected = whose.refusal if world.roles[column] in route.roles else 403
        async with room:
            status = await call(portal, world, route, whose.thing, column)
        if status != expected:
            wrong.append(f"{name_of(route)}, {whose.thing}, as {column}: {status} instead of {expected}")

    strangers = [case for case in cases() if case[2] not in case[1].those]
    assert len(strangers) > 500
    await asyncio.gather(*(walk(*case) for case in strangers))
    assert not wrong, "\n".join(sorted(wrong))
    assert not changed(before, digests(servers))


async def test_the_key_of_another_request_opens_nothing(
    portal: Portal, servers: Servers, world: World, before: dict[str, str]
) -> None:
    statuses = await with_key(portal, routes_by_key(), world.nameless, world.another_key)
    assert {name: status for name, status in statuses.items() if status != 404} == {}
    assert not changed(before, digests(servers))


async def test_key_opens_no_route_that_does_not_take_one(portal: Portal, world: World) -> None:
    routes = [route for route in served() if not route.is_public and not route.by_key]
    names = {name: world.nameless.get(name, "x") for route in routes for name in re.findall(r"{(\w+)}", route.path)}
    statuses = await with_key(portal, routes, names, world.key)
    assert len(statuses) > 60
    assert {name: status for name, status in statuses.items() if status != 401} == {}


async def test_owners_reach_their_own(portal: Portal, world: World) -> None:
    wrong: list[str] = []
    for route, whose, column in cases():
        if column not in whose.those:
            continue
        assert world.roles[column] in route.roles, (name_of(route), column)
        status = await call(portal, world, route, whose.thing, column)
        if status in (401, 403, 404) or status >= 500:
            wrong.append(f"{name_of(route)}, {whose.thing}, as {column}: {status}")
    assert not wrong, "\n".join(wrong)


async def test_a_key_opens_everything_of_its_own_request(portal: Portal, world: World) -> None:
    statuses = await with_key(portal, routes_by_key(), world.nameless, world.key)
    assert {name: status for name, status in statuses.items() if status in (401, 403, 404) or status >= 500} == {}
