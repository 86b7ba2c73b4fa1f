"""A service centre: many people at one address, with the default limits."""

import asyncio

import aiohttp
import pytest

from deploy.local.suite import Suite
from tests.journeys.test_main_job import LAMP
from tools.portal import Citizen, Portal
from tools.suites import ADMIN

PEOPLE = 24
AT_ONCE = 6
HERE, ELSEWHERE = "203.0.113.24", "203.0.113.25"


@pytest.fixture
def centre(suite: Suite) -> Portal:
    """The suite with default limits, from an address of its own."""
    return Portal(suite.url, ADMIN, HERE)


async def test_people_register_sign_in_mistype_and_follow_from_one_address(centre: Portal) -> None:
    desks = asyncio.Semaphore(AT_ONCE)

    async def comes() -> tuple[Citizen, str]:
        async with desks:
            citizen = await centre.register()
            citizen.device = ""
            refused = await centre.ask("POST", "/api/v1/sessions", json={"login": citizen.cnic, "password": "mistyped"})
            assert refused.status == 401
            await centre.login(citizen)
            number = (await centre.file(citizen, LAMP))["number"]
            wrong = f"{(int(citizen.last_four) + 1) % 10_000:04d}"
            assert (await centre.ask("GET", f"/api/v1/track/{number}?mobile={wrong}")).status == 404
            return citizen, number

    people = await asyncio.gather(*(comes() for _ in range(PEOPLE)))
    async with aiohttp.ClientSession(centre.url, headers={"X-Forwarded-For": HERE}) as http:
        paths = [f"/api/v1/track/{number}/events?mobile={citizen.last_four}" for citizen, number in people]
        streams = await asyncio.gather(*(http.get(path) for path in paths))
        assert {stream.status for stream in streams} == {200}
        for stream in streams:
            stream.close()


async def test_a_guesser_is_stopped_with_the_reason_and_others_are_not_affected(centre: Portal) -> None:
    guessed, neighbour = await centre.register(), await centre.register()
    number, other = [(await centre.file(citizen, LAMP))["number"] for citizen in (guessed, neighbour)]
    right = int(guessed.last_four)
    for n in range(1, 11):
        assert (await centre.ask("GET", f"/api/v1/track/{number}?mobile={(right + n) % 10_000:04d}")).status == 404
    path = f"/api/v1/track/{number}?mobile={guessed.last_four}"
    locked = await centre.ask("GET", path, headers={"Accept-Language": "ur"})
    assert (locked.status, locked.body["type"]) == (429, "/problems/digits-locked-here")
    assert 0 < int(locked.headers["retry-after"]) <= 1800
    assert "30 منٹ" in locked.body["detail"]
    assert (await centre.ask("GET", f"/api/v1/track/{other}?mobile={neighbour.last_four}")).status == 200
    assert (await centre.ask("GET", path, headers={"X-Forwarded-For": ELSEWHERE})).status == 200

    body = {"login": guessed.cnic, "password": "a guess"}
    assert [(await centre.ask("POST", "/api/v1/sessions", json=body)).status for _ in range(5)] == [401] * 5
    refused = await centre.ask("POST", "/api/v1/sessions", json={**body, "password": guessed.password})
    assert (refused.status, refused.body["type"]) == (429, "/problems/account-locked")
    assert refused.headers["retry-after"] == "900"
    await centre.login(guessed)  # with a known device
    await centre.login(neighbour)
