"""What others were merged into is taken back: the oldest of them takes its place, and everybody hears of it."""

import asyncio
import json

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from tests.journeys.test_same import a_lamp, hears, merged, routed, somewhere
from tests.portal import Portal, until

WORDS = "The street lamp by the school gate is dark"


async def test_when_the_primary_is_taken_back_the_oldest_merged_one_takes_its_place(portal: Portal) -> None:
    first, second, third, neighbour = [await portal.register() for _ in range(4)]
    at = somewhere()
    primary, department = await routed(portal, first, a_lamp(WORDS, at=at))
    older, _ = await routed(portal, second, a_lamp(WORDS, north=10, at=at))
    newer, _ = await routed(portal, third, a_lamp(WORDS, north=20, at=at))
    await portal.expect(200, "PUT", f"/api/v1/requests/{primary}/follow", token=neighbour.token)
    officer = await portal.officer(department)
    for number in (newer, older):
        assert (await merged(portal, officer, number, primary)).status == 200
    await portal.expect(200, "POST", f"/api/v1/requests/{primary}/withdraw", token=first.token, json={})

    heir = await portal.reaches(second, older, "routed")
    assert (heir["department"], heir["history"][-2]["action"]) == (department, "revive")
    await hears(portal, second, older, "by itself", primary)
    await hears(portal, third, newer, older, "joined")
    await hears(portal, neighbour, older, "follow")
    assert (await portal.request(third, newer))["state"] == "duplicate"

    async def again() -> bool | None:
        return True if (await portal.act(officer, older, "accept")).status == 200 else None

    await until(again, "the department to have it again")
    for citizen in (third, neighbour):
        await hears(portal, citizen, older, "begun to work")
    assert (await portal.ask("GET", f"/api/v1/requests/{older}", token=third.token)).status == 200
    body = {"reason": "Mine is another lamp."}
    await portal.expect(200, "POST", f"/api/v1/requests/{newer}/separate", token=third.token, json=body)
    await portal.reaches(third, newer, "routed")


async def test_it_goes_on_where_a_process_that_died_had_stopped(portal: Portal, servers: Servers, suite: Suite) -> None:
    first, second, third, at = await portal.register(), await portal.register(), await portal.register(), somewhere()
    primary, department = await routed(portal, first, a_lamp(WORDS, at=at))
    older, _ = await routed(portal, second, a_lamp(WORDS, north=10, at=at))
    newer, _ = await routed(portal, third, a_lamp(WORDS, north=20, at=at))
    officer = await portal.officer(department)
    for number in (older, newer):
        assert (await merged(portal, officer, number, primary)).status == 200
    process = suite.process("requests")
    await portal.expect(200, "POST", f"/api/v1/requests/{primary}/withdraw", token=first.token, json={})
    await asyncio.to_thread(process.kill)
    client: AsyncIOMotorClient[dict[str, object]] = AsyncIOMotorClient(servers.mongo_url)
    requests = client["rabta_requests"]["requests"]
    await requests.update_one({"_id": primary}, {"$set": {"heir": older, "passes_on": True}, "$inc": {"rev": 1}})
    client.close()
    await asyncio.to_thread(process.start)
    await asyncio.to_thread(process.wait_ready)
    await portal.reaches(second, older, "routed")
    await hears(portal, third, newer, older, "joined")
    heard = [message["words"] for message in await portal.messages(second.mobile)]
    assert len([words for words in heard if "by itself again" in words]) == 1, json.dumps(heard)


async def test_merging_into_what_is_just_taken_back_loses_nobody(portal: Portal) -> None:
    first, at = await portal.register(), somewhere()
    others = [await portal.register() for _ in range(3)]
    primary, department = await routed(portal, first, a_lamp(WORDS, at=at))
    numbers = [(await routed(portal, one, a_lamp(WORDS, north=10 * n, at=at)))[0] for n, one in enumerate(others, 1)]
    officer = await portal.officer(department)
    path = f"/api/v1/requests/{primary}/withdraw"
    await asyncio.gather(
        *(merged(portal, officer, number, primary) for number in numbers),
        portal.ask("POST", path, token=first.token, json={}),
    )
    await portal.reaches(first, primary, "withdrawn")

    async def goes_on() -> bool | None:
        """Each is at the department, or is merged into one of the others that is."""
        seen = {number: await portal.request(one, number) for one, number in zip(others, numbers, strict=True)}
        states = [own["state"] for own in seen.values()]
        return True if "routed" in states and set(states) <= {"routed", "duplicate"} else None

    await until(goes_on, "one of them to go on")
    alive = {n for one, n in zip(others, numbers, strict=True) if (await portal.request(one, n))["state"] == "routed"}
    for one, number in zip(others, numbers, strict=True):
        if number not in alive:
            joined = [m["words"] for m in await portal.messages(one.mobile) if "joined" in m["words"]]
            assert joined
