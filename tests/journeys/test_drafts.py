"""Drafts: filings that are written over several days, on a bad network."""

import asyncio
import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from tests.journeys.test_main_job import LAMP
from tools.portal import Answer, Citizen, Portal, until


async def begin(portal: Portal, citizen: Citizen, body: dict[str, Any], key: str) -> Answer:
    """Start a draft."""
    headers = {"Idempotency-Key": key}
    return await portal.ask("POST", "/api/v1/drafts", token=citizen.token, json=body, headers=headers)


async def test_a_draft_is_started_continued_and_filed(portal: Portal) -> None:
    citizen, other = await portal.register(), await portal.register()
    service = {"service": LAMP["service"]}
    begun = await begin(portal, citizen, service, "k1")
    again = await begin(portal, citizen, service, "k1")
    assert (begun.status, again.status, again.body) == (201, 201, begun.body)
    assert "/answers/problem" in [one["pointer"] for one in begun.body["missing"]]
    path = begun.headers["location"]
    tag = {"If-Match": begun.headers["etag"]}

    written = {**service, "place": LAMP["place"], "answers": LAMP["answers"]}
    assert (await portal.ask("PUT", path, token=citizen.token, json=written)).status == 428
    first = await portal.ask("PUT", path, token=citizen.token, json=written, headers=tag)
    second = await portal.ask("PUT", path, token=citizen.token, json=written, headers=tag)  # the response was lost
    assert (first.status, second.status, second.body) == (200, 200, first.body)
    assert (first.body["complete"], first.body["missing"], first.body["filing"]["answers"]) == (
        True,
        [],
        LAMP["answers"],
    )
    assert (await portal.ask("PUT", path, token=citizen.token, json=service, headers=tag)).status == 412
    for method in ("GET", "PUT"):
        stranger = await portal.ask(method, path, token=other.token, json=written, headers=tag)
        assert stranger.status == 404
    assert len((await portal.expect(200, "GET", "/api/v1/drafts", token=citizen.token))["drafts"]) == 1
    exported = (await portal.expect(200, "GET", "/api/v1/requests/export", token=citizen.token))["drafts"]
    assert [draft["answers"] for draft in exported] == [LAMP["answers"]]

    receipt = await portal.file(citizen, {**LAMP, "draft": begun.body["id"]})
    assert receipt["state"] == "verifying"
    assert (await portal.ask("GET", path, token=citizen.token)).status == 404
    assert (await portal.expect(200, "GET", "/api/v1/drafts", token=citizen.token))["drafts"] == []
    assert (await portal.ask("DELETE", path, token=citizen.token)).status == 204


async def test_a_citizen_has_at_most_twenty_drafts_for_seven_days(portal: Portal, servers: Servers) -> None:
    citizen = await portal.register()
    answers = await asyncio.gather(*(begin(portal, citizen, {"service": LAMP["service"]}, f"k{n}") for n in range(40)))
    assert sorted(answer.status for answer in answers) == [201] * 20 + [409] * 20
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
    drafts = client["rabta_requests"]["drafts"]
    over = datetime.now(UTC) - timedelta(seconds=1)
    await drafts.update_many({"citizen_id": citizen.id}, {"$set": {"expires_at": over}})
    assert (await portal.expect(200, "GET", "/api/v1/drafts", token=citizen.token))["drafts"] == []
    assert (await begin(portal, citizen, {"service": LAMP["service"]}, secrets.token_hex(4))).status == 201
    ttl = [index async for index in drafts.list_indexes() if "expireAfterSeconds" in index]
    client.close()
    assert [dict(index["key"]) for index in ttl] == [{"expires_at": 1}]


async def test_concurrent_filings_make_only_one_active_application(portal: Portal) -> None:
    citizen = await portal.register()
    filing = {
        "service": "domicile-certificate",
        "place": {"district": "swat"},
        "answers": {
            "tehsil": "Babuzai",
            "basis": "residence",
            "years_of_residence": 5,
            "purpose": "job",
            "holds_another_domicile": False,
        },
    }

    async def send(n: int) -> Answer:
        headers = {"Idempotency-Key": f"key-{n}"}
        return await portal.ask("POST", "/api/v1/requests", token=citizen.token, json=filing, headers=headers)

    answers = await asyncio.gather(*(send(n) for n in range(40)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 39
    [filed] = [answer.body["number"] for answer in answers if answer.status == 201]
    assert all(filed in answer.body["detail"] for answer in answers if answer.status == 409)
    await portal.expect(200, "POST", f"/api/v1/requests/{filed}/withdraw", token=citizen.token, json={})

    async def free() -> bool | None:
        return (await send(99)).status == 201 or None

    await until(free, "another application")
