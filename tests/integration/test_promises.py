"""The promises of the README that need a running suite with a real broker and database."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aio_pika
import aiormq
import pytest
from motor.motor_asyncio import AsyncIOMotorClient

from deploy.local.servers import Servers
from deploy.local.suite import Suite
from shared.bus.topology import dead_queue
from shared.events import CONSUMERS, RequestSubmitted
from tests.journeys.test_main_job import LAMP, at_department
from tools.chaos.run import credentials
from tools.portal import Portal, until

DATABASES = ("identity", "requests", "routing", "notifier")


@pytest.fixture
async def broker(servers: Servers) -> AsyncIterator[aio_pika.abc.AbstractChannel]:
    """A channel with the operator's credentials."""
    connection = await aio_pika.connect(servers.amqp_url)
    async with connection:
        yield await connection.channel()


def event_headers(kind: str, number: str, seq: int, source: str = "/requests") -> dict[str, Any]:
    """The headers of an event of ours."""
    return {
        "ce-specversion": "1.0",
        "ce-id": f"{source.strip('/')}/{number}/{seq}",
        "ce-source": source,
        "ce-type": kind,
        "ce-subject": number,
        "ce-time": datetime.now(UTC).isoformat(),
        "ce-seq": seq,
    }


async def dead_letter(channel: aio_pika.abc.AbstractChannel, queue: str, message_id: str) -> dict[str, Any]:
    """The headers of a dead letter, once it is there."""
    letters = await channel.get_queue(dead_queue(queue))

    async def look() -> dict[str, Any] | None:
        while (message := await letters.get(fail=False, no_ack=True)) is not None:
            if str(message.message_id).startswith(message_id):
                return dict(message.headers)
        return None

    return await until(look, f"{message_id} among the dead letters of {queue}")


@pytest.mark.parametrize("body", [b"", b"not json", b'{"citizen_id": 7}', b"\xff\xfe", b"[" * 50_000])
async def test_a_malformed_message_goes_to_the_dead_letters_and_delays_nobody(
    suite: Suite, portal: Portal, broker: aio_pika.abc.AbstractChannel, body: bytes
) -> None:
    message_id = f"poison-{secrets.token_hex(4)}"
    headers = event_headers(RequestSubmitted.type, "RB-0000-0000-0", 1)
    message = aio_pika.Message(body, headers=headers, message_id=message_id)
    await broker.default_exchange.publish(message, "routing")
    found = await dead_letter(broker, "routing", message_id)
    assert found["x-rabta-error"] == "MalformedEnvelopeError"
    citizen = await portal.register()
    await at_department(portal, citizen, LAMP)


async def test_an_event_of_a_service_not_yet_known_climbs_the_ladder_to_the_dead_letters(
    suite: Suite, broker: aio_pika.abc.AbstractChannel
) -> None:
    number = f"RB-TEST-{secrets.token_hex(2).upper()}-0"
    event = RequestSubmitted(
        citizen_id="c",
        service="no-such-service",
        service_version=1,
        kind="complaint",
        district="kohat",
        state="verifying",
    )
    headers = event_headers(RequestSubmitted.type, number, 1)
    message_id = f"early-{secrets.token_hex(4)}"
    message = aio_pika.Message(event.model_dump_json().encode(), headers=headers, message_id=message_id)
    await broker.default_exchange.publish(message, "routing")
    found = await dead_letter(broker, "routing", message_id)
    assert found["x-rabta-error"] == "NotYetKnownError"
    assert found["x-rabta-attempt"] == 4


async def test_events_twice_and_out_of_order_change_nothing(
    portal: Portal, servers: Servers, broker: aio_pika.abc.AbstractChannel
) -> None:
    citizen = await portal.register()
    number, _, officer = await at_department(portal, citizen, LAMP)
    await portal.act(officer, number, "accept")
    before = await portal.reaches(citizen, number, "accepted")
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)
    assignment = await client["rabta_routing"]["assignments"].find_one({"_id": number})
    client.close()
    assert assignment is not None
    for entry in [*reversed(assignment["events"]), *assignment["events"]]:
        message = aio_pika.Message(
            entry["data"].encode(),
            headers=event_headers(entry["type"], number, entry["seq"], "/routing"),
            message_id=f"again-{secrets.token_hex(6)}",
        )
        for queue in ("requests", "notifier"):
            await broker.default_exchange.publish(message, queue)
    await portal.act(officer, number, "progress", note="Something after all the repetition.")
    after = await portal.reaches(citizen, number, "in_progress")
    assert [s["action"] for s in after["history"]] == [*(s["action"] for s in before["history"]), "progress"]
    told = [m["template"] for m in await portal.messages(citizen.mobile) if m["subject"] == number]
    assert len(told) == len(set(told))


async def test_a_department_can_do_no_more_than_its_own(portal: Portal, servers: Servers) -> None:
    url, queue = await credentials(portal, servers.amqp_url, "health")
    connection = await aio_pika.connect(url)
    async with connection:
        own = await connection.channel()
        assert (await own.get_queue(queue)).name == "department.health"
        for forbidden in (read_another_queue, publish_an_event, speak_as_another, declare_a_queue, bind_to_events):
            channel = await connection.channel()
            with pytest.raises((aiormq.AMQPError, aiormq.exceptions.ChannelInvalidStateError)):
                await forbidden(channel)


async def read_another_queue(channel: aio_pika.abc.AbstractChannel) -> None:
    """Consume what belongs to somebody else."""
    await (await channel.get_queue("department.works", ensure=False)).get(timeout=2)


async def publish_an_event(channel: aio_pika.abc.AbstractChannel) -> None:
    """Publish an event in the name of a service."""
    exchange = await channel.get_exchange("rabta.events", ensure=False)
    await exchange.publish(aio_pika.Message(b"{}", message_id="x"), "request.routed.v1", timeout=2)


async def speak_as_another(channel: aio_pika.abc.AbstractChannel) -> None:
    """Publish an action for another department."""
    exchange = await channel.get_exchange("rabta.actions", ensure=False)
    await exchange.publish(
        aio_pika.Message(b"{}", message_id="x", user_id="department.works"), "department.works", timeout=2
    )


async def declare_a_queue(channel: aio_pika.abc.AbstractChannel) -> None:
    """Declare another queue."""
    await channel.declare_queue("department.health.spy", durable=True, timeout=2)


async def bind_to_events(channel: aio_pika.abc.AbstractChannel) -> None:
    """Bind the department's queue to all events."""
    queue = await channel.get_queue("department.health", ensure=False)
    await queue.bind("rabta.events", "#", timeout=2)


async def test_an_action_that_cannot_be_done_is_answered_on_the_departments_queue(
    portal: Portal, servers: Servers
) -> None:
    citizen = await portal.register()
    number, department, _ = await at_department(portal, citizen, LAMP)
    url, queue = await credentials(portal, servers.amqp_url, department)
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange("rabta.actions", ensure=False)
        inbox = await channel.get_queue(queue)
        user = f"department.{department}"
        act_id = secrets.token_hex(6)
        act = {"request": number, "action": "resolve", "outcome": "granted", "reply": "Done, but never accepted."}
        await exchange.publish(aio_pika.Message(json.dumps(act).encode(), message_id=act_id, user_id=user), user)

        async def answer() -> dict[str, Any] | None:
            while (message := await inbox.get(fail=False, no_ack=True)) is not None:
                body: dict[str, Any] = json.loads(message.body)
                if message.headers["ce-type"] == "action.rejected.v1" and body["action"] == act_id:
                    return body
            return None

        refused = await until(answer, "the refusal")
    assert refused["status"] == 409
    assert refused["type"].endswith("transition-refused")


async def test_no_personal_value_stands_in_databases_events_dead_letters_or_logs(
    portal: Portal, servers: Servers, home: Path, broker: aio_pika.abc.AbstractChannel
) -> None:
    spy = await broker.declare_queue(f"spy-{secrets.token_hex(4)}", exclusive=True)
    await spy.bind("rabta.events", "#")
    citizen = await portal.register()
    words = f"canary-{secrets.token_hex(6)}"
    filing = {**LAMP, "place": {"district": "kohat", "address": f"House of {words}"}}
    filing["answers"] = {**LAMP["answers"], "description": f"The lamp {words} is out."}  # type: ignore[dict-item]
    number, _, officer = await at_department(portal, citizen, filing)
    await portal.act(officer, number, "accept")
    await portal.act(officer, number, "ask", question=f"Is {words} the lamp?")
    await portal.reaches(citizen, number, "questioned")

    local = citizen.mobile.removeprefix("+92")
    digits = citizen.cnic.replace("-", "")
    values = [words, citizen.cnic, digits, local, "citizen@example.com", "House 1, Street 2", citizen.password]
    traces = {
        "events": await all_bodies(spy),
        "databases": await dump(servers.mongo_url),
        "logs": "".join(file.read_text(errors="replace") for file in (home / "log").glob("*.log")),
    }
    for place, text in traces.items():
        assert text, place
        found = [value for value in values if value in text]
        assert not found, f"{found} in {place}"


async def all_bodies(queue: aio_pika.abc.AbstractQueue) -> str:
    """Headers and bodies of all messages of a queue."""
    seen = []
    while (message := await queue.get(fail=False, no_ack=True)) is not None:
        seen.append(f"{message.headers} {message.body.decode()}")
    return "\n".join(seen)


async def dump(mongo_url: str) -> str:
    """Every document of every service, as text."""
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(mongo_url)
    documents = []
    for name in DATABASES:
        database = client[f"rabta_{name}"]
        for collection in await database.list_collection_names():
            documents += [repr(document) async for document in database[collection].find({})]
    client.close()
    return "\n".join(documents)


async def test_everything_is_settled_once_all_consumers_have_told_what_they_took_in(
    portal: Portal, servers: Servers
) -> None:
    citizen = await portal.register()
    number, _, _ = await at_department(portal, citizen, LAMP)
    client: AsyncIOMotorClient[dict[str, Any]] = AsyncIOMotorClient(servers.mongo_url)

    async def settled() -> bool | None:
        for database, collection, stream in (
            ("rabta_requests", "requests", "request@requests"),
            ("rabta_routing", "assignments", "request@routing"),
        ):
            record = await client[database][collection].find_one({"_id": number})
            assert record is not None
            keys = [f"{collection}/{consumer}" for consumer in CONSUMERS[stream]]
            passed = {"_id": {"$in": keys}, "until": {"$gte": record.get("sent_at", datetime.max)}}
            if "relay_after" in record or await client[database]["watermarks"].count_documents(passed) < len(keys):
                return None
        return True

    await until(settled, "both documents to be settled")
    client.close()


async def test_many_filings_at_once_are_all_routed(portal: Portal) -> None:
    citizen = await portal.register()
    receipts = await asyncio.gather(*(portal.file(citizen, LAMP) for _ in range(60)))
    assert len({receipt["number"] for receipt in receipts}) == 60
    for receipt in receipts:
        await portal.reaches(citizen, receipt["number"], "routed")


async def test_an_action_that_came_back_from_the_ladder_is_still_its_departments(
    portal: Portal, servers: Servers, broker: aio_pika.abc.AbstractChannel
) -> None:
    citizen = await portal.register()
    number, department, _ = await at_department(portal, citizen, LAMP)
    first = {"id": secrets.token_hex(6), "user": f"department.{department}", "key": f"department.{department}"}
    body = json.dumps({"request": number, "action": "accept"}).encode()
    headers: dict[str, Any] = {"x-rabta-attempt": 1, "x-rabta-first": json.dumps(first)}
    message = aio_pika.Message(body, headers=headers, message_id=secrets.token_hex(6))
    await broker.default_exchange.publish(message, "routing.actions.retry.0.5s")
    await portal.reaches(citizen, number, "accepted")


async def test_a_department_cannot_borrow_anothers_name_by_a_header(portal: Portal, servers: Servers) -> None:
    citizen = await portal.register()
    number, department, officer = await at_department(portal, citizen, LAMP)
    url, _ = await credentials(portal, servers.amqp_url, "health")
    first = {"id": secrets.token_hex(6), "user": f"department.{department}", "key": f"department.{department}"}
    connection = await aio_pika.connect(url)
    async with connection:
        channel = await connection.channel()
        exchange = await channel.get_exchange("rabta.actions", ensure=False)
        message = aio_pika.Message(
            json.dumps({"request": number, "action": "accept"}).encode(),
            headers={"x-rabta-first": json.dumps(first)},
            message_id=secrets.token_hex(6),
            user_id="department.health",
        )
        await exchange.publish(message, "department.health")
        inbox = await channel.get_queue("department.health")

        async def refused() -> bool | None:
            while (answer := await inbox.get(fail=False, no_ack=True)) is not None:
                if answer.headers["ce-type"] == "action.rejected.v1":
                    return True
            return None

        await until(refused, "the refusal")
    seen = await portal.expect(200, "GET", f"/api/v1/assignments/{number}", token=officer)
    assert seen["state"] == "routed"
