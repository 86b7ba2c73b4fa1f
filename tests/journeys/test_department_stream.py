"""The live stream of a department: each change is sent once, to its members only."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.journeys.test_main_job import LAMP
from tools.portal import Citizen, Portal, until

STREAM = "/api/v1/assignments/events"
WORKS = "works"


@dataclass
class Told:
    """The received events of a stream, as (id, event, content)."""

    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    begun: asyncio.Event = field(default_factory=asyncio.Event)

    def of(self, number: str) -> list[tuple[str, str]]:
        """(action, state) of each event about a request."""
        return [(one["action"], one["state"]) for _, _, one in self.events if one.get("number") == number]

    async def tells(self, number: str, action: str) -> None:
        """Wait for an action of a request."""

        async def look() -> bool | None:
            return any(told == action for told, _ in self.of(number)) or None

        await until(look, f"the stream to tell {action} of {number}")

    async def read(self, answer: aiohttp.ClientResponse) -> None:
        """Read the stream until its end."""
        block: dict[str, str] = {}
        async for raw in answer.content:
            self.begun.set()
            line = raw.decode().rstrip("\n")
            if line:
                name, _, value = line.partition(": ")
                block[name] = value
            elif "event" in block:
                self.events.append((block.get("id", ""), block["event"], json.loads(block["data"])))
                block = {}
        self.ended.set()


@asynccontextmanager
async def hearing(portal: Portal, token: str, after: str = "") -> AsyncIterator[Told]:
    """Keep a stream open."""
    told = Told()
    headers = {"Authorization": f"Bearer {token}", **({"Last-Event-ID": after} if after else {})}
    async with aiohttp.ClientSession(portal.url) as http, http.get(STREAM, headers=headers) as answer:
        assert answer.status == 200
        reading = asyncio.create_task(told.read(answer))
        await asyncio.wait_for(told.begun.wait(), 20)
        yield told
        reading.cancel()


async def filed(portal: Portal, citizen: Citizen) -> str:
    """A request that has reached its department."""
    number: str = (await portal.file(citizen, LAMP))["number"]
    await portal.reaches(citizen, number, "routed")
    return number


async def test_the_stream_sends_a_new_request_of_the_department_once(portal: Portal) -> None:
    citizen, officer, elsewhere = await portal.register(), await portal.officer(WORKS), await portal.officer("water")
    async with hearing(portal, officer) as told, hearing(portal, elsewhere) as other:
        number = await filed(portal, citizen)
        await told.tells(number, "route")
        assert (await portal.act(officer, number, "accept")).status == 200
        await told.tells(number, "accept")
        second = await filed(portal, citizen)
        await told.tells(second, "route")
        assert told.of(number) == [("route", "routed"), ("accept", "accepted")]
        assert {event for _, event, _ in told.events} == {"assignment"}
        [accepted] = [one for _, _, one in told.events if (one["number"], one["action"]) == (number, "accept")]
        assert (accepted["service"], accepted["district"], accepted["for_head"]) == ("street-light-out", "kohat", False)
        assert citizen.id not in json.dumps(told.events)
        assert not other.of(number) + other.of(second)


async def test_a_stream_resumes_where_it_ended(portal: Portal) -> None:
    citizen, officer = await portal.register(), await portal.officer(WORKS)
    async with hearing(portal, officer) as told:
        first = await filed(portal, citizen)
        await told.tells(first, "route")
        last = next(place for place, _, one in told.events if one["number"] == first)
    missed = await filed(portal, citizen)
    async with hearing(portal, officer, last) as again:
        await again.tells(missed, "route")
        assert again.of(missed) == [("route", "routed")]
        assert not again.of(first)


async def test_an_ended_session_ends_its_stream(portal: Portal) -> None:
    officer = await portal.officer(WORKS, "head")
    body = {"login": f"officer.stream.{secrets.token_hex(4)}", "name": "Short stay", "role": "officer"}
    password = "a long enough password"
    made = {**body, "department": WORKS, "password": password}
    await portal.expect(201, "POST", "/api/v1/admin/officers", token=await portal.admin_token(), json=made)
    token = await portal.token_of(body["login"], password)
    async with hearing(portal, token) as told, hearing(portal, officer) as other:
        await portal.expect(204, "DELETE", "/api/v1/sessions/current", token=token)
        await asyncio.wait_for(told.ended.wait(), 30)
        assert told.events[-1][1] == "expired"
        assert not other.ended.is_set()


async def test_citizens_have_no_such_stream(portal: Portal) -> None:
    citizen = await portal.register()
    refused = await portal.ask("GET", STREAM, token=citizen.token)
    assert (refused.status, refused.body["type"]) == (403, "/problems/forbidden")
    assert (await portal.ask("GET", STREAM)).status == 401
    page = await portal.expect(200, "GET", "/api/v1/assignments/updates", token=await portal.officer(WORKS))
    assert page["updates"] == []
