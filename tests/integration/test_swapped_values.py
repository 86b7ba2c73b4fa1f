"""Two people's sealed values are exchanged in the database: none opens, and everything else works."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from deploy.local.servers import Servers
from shared.mongo import connect
from tests.integration.leaking import logs
from tests.journeys.test_main_job import LAMP
from tools.portal import Citizen, Portal, until

BROKEN = "/problems/seal-broken"
Ids = tuple[str, str]


@pytest.fixture(scope="module")
async def pair(portal: Portal) -> tuple[Citizen, Citizen]:
    """Two citizens, whose values are put back by each test."""
    return await portal.register(), await portal.register()


@asynccontextmanager
async def swapped(servers: Servers, service: str, collection: str, ids: Ids, field: str) -> AsyncIterator[None]:
    """Exchange a field of two documents while the context is open."""
    async with connect(servers.mongo_url, f"rabta_{service}") as database:
        documents = [await database[collection].find_one({"_id": key}) for key in ids]
        values = [document[field] for document in documents if document]
        assert len(set(values)) == 2

        async def put(there: list[Any]) -> None:
            for key, value in zip(ids, there, strict=True):
                await database[collection].update_one({"_id": key}, {"$set": {field: value}})

        await put(values[::-1])
        try:
            yield
        finally:
            await put(values)


async def refused(portal: Portal, path: str, token: str, secrets: list[str]) -> None:
    """The response is a problem without details."""
    answer = await portal.ask("GET", path, token=token)
    assert (answer.status, answer.body["type"]) == (500, BROKEN)
    assert not [secret for secret in secrets if secret in json.dumps(answer.body, ensure_ascii=False)]


async def healthy(portal: Portal, citizen: Citizen) -> None:
    """The service works for everybody."""
    await portal.expect(200, "GET", "/api/v1/requests", token=citizen.token)
    await portal.expect(200, "GET", "/api/v1/me/sessions", token=citizen.token)


@pytest.mark.parametrize("field", ["name", "cnic", "mobile", "email", "address"])
async def test_swapped_values_do_not_open_in_another_account(
    field: str, portal: Portal, servers: Servers, pair: tuple[Citizen, Citizen], home: Path
) -> None:
    one, other = pair
    secrets = [one.cnic, one.mobile, other.cnic, other.mobile, "Test Citizen", "House 1"]
    async with swapped(servers, "identity", "citizens", (one.id, other.id), field):
        for citizen in pair:
            await refused(portal, "/api/v1/me", citizen.token, secrets)
            await healthy(portal, citizen)
    for citizen in pair:
        await portal.expect(200, "GET", "/api/v1/me", token=citizen.token)
    lines = [line for line in logs(home)["identity.log"].decode().splitlines() if "seal.broken" in line]
    told = [line for line in lines if one.id in line and f"citizen.{field}" in line]
    assert told
    assert not [secret for secret in secrets for line in told if secret in line]


@pytest.mark.parametrize("field", ["sealed_answers", "sealed_address"])
async def test_swapped_texts_do_not_open_in_another_citizens_request(
    field: str, portal: Portal, servers: Servers, pair: tuple[Citizen, Citizen]
) -> None:
    filed, officer = [], ""
    for n, citizen in enumerate(pair):
        place = {"district": "peshawar", "address": f"Street {n}"}
        filed.append((await portal.file(citizen, {**LAMP, "place": place}))["number"])
        officer = await portal.officer((await portal.reaches(citizen, filed[n], "routed"))["department"])
    async with swapped(servers, "requests", "requests", (filed[0], filed[1]), field):
        for number, citizen in zip(filed, pair, strict=True):
            for token in (citizen.token, officer):
                await refused(portal, f"/api/v1/requests/{number}", token, ["Street"])
            await healthy(portal, citizen)
        assert (await portal.act(officer, filed[0], "accept")).status == 200  # its consumers go on
    await portal.reaches(pair[0], filed[0], "accepted")


async def test_a_swapped_mobile_opens_no_tracking(
    portal: Portal, servers: Servers, pair: tuple[Citizen, Citizen]
) -> None:
    one, other = pair
    number = (await portal.file(one, LAMP))["number"]
    path = f"/api/v1/track/{number}?mobile="

    async def tracked() -> bool | None:
        return True if (await portal.ask("GET", path + one.last_four)).status == 200 else None

    await until(tracked, "the copy of the mobile")
    async with swapped(servers, "requests", "citizens", (one.id, other.id), "sealed_mobile"):
        for digits in (one.last_four, other.last_four):
            assert (await portal.ask("GET", path + digits)).status == 404
    assert await tracked()


async def test_a_swapped_contact_gets_nobody_elses_messages(portal: Portal, servers: Servers) -> None:
    one, other = await portal.register(), await portal.register()  # the notifier remembers contacts that it has opened
    async with swapped(servers, "notifier", "contacts", (one.id, other.id), "mobile"):
        number = (await portal.file(one, LAMP))["number"]

        async def recorded() -> dict[str, Any] | None:
            body = await portal.expect(200, "GET", "/api/v1/notifications", token=one.token)
            return next(
                (notification for notification in body["notifications"] if notification["request"] == number), None
            )

        assert number in (await until(recorded, "the message"))["words"]
        for citizen in (one, other):
            assert not [sent for sent in await portal.messages(citizen.mobile) if number in sent["words"]]
    async with connect(servers.mongo_url, "rabta_notifier") as database:  # nothing that opens for nobody is left
        await database["notifications"].delete_many({"subject": number})
