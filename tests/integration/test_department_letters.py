"""What a department's software returns or rejects, on the real broker: nothing that is still its work is put away."""

import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue

from deploy.local.servers import Servers
from shared.bus.topology import DELIVERY_LIMIT
from tests.chaos.run import credentials
from tests.journeys.test_main_job import LAMP, at_department
from tests.portal import Portal, until

RETURNS = DELIVERY_LIMIT + 10


@asynccontextmanager
async def own_queue(portal: Portal, servers: Servers, department: str) -> AsyncIterator[AbstractQueue]:
    """The queue of a department, as its software reads it."""
    url, name = await credentials(portal, servers.amqp_url, department)
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=100)
        yield await channel.get_queue(name)


async def taken(queue: AbstractQueue, number: str) -> AbstractIncomingMessage:
    """The department's message about a request; others are acknowledged."""

    async def look() -> AbstractIncomingMessage | None:
        message = await queue.get(fail=False)
        if message is not None and message.headers.get("ce-subject") != number:
            await message.ack()
            return None
        return message

    return await until(look, f"the message about {number}", patience=20)


async def test_a_program_that_returns_what_it_gets_loses_nothing(portal: Portal, servers: Servers) -> None:
    """As one does whose gateway is away and that does not wait: the limit was 50, reached in a tenth of a second."""
    number, department, _ = await at_department(portal, await portal.register(), LAMP)
    async with own_queue(portal, servers, department) as queue:
        for _ in range(RETURNS):
            message = await taken(queue, number)
            await message.nack(requeue=True)
        message = await taken(queue, number)
        assert not {"x-death", "x-rabta-attempt"} & message.headers.keys()
        await message.ack()


async def test_what_it_rejects_comes_again_while_the_request_is_open(portal: Portal, servers: Servers) -> None:
    number, department, _ = await at_department(portal, await portal.register(), LAMP)
    async with own_queue(portal, servers, department) as queue:
        first = await taken(queue, number)
        await first.reject(requeue=False)
        again = await taken(queue, number)
        assert (again.headers["ce-id"], again.headers["x-rabta-attempt"]) == (first.headers["ce-id"], 1)
        assert (again.body, again.message_id) == (first.body, first.message_id)
        await again.reject(requeue=False)
        third = await taken(queue, number)
        assert third.headers["x-rabta-attempt"] == 2
        await third.ack()


FORGED = {
    "another key": ("department.works", {}),
    "another queue besides": ("department.health", {"CC": ["department.works"]}),
}


@pytest.mark.parametrize(("key", "headers"), FORGED.values(), ids=FORGED.keys())
async def test_without_user_id_nobody_is_answered_but_who_sent_it(
    portal: Portal, servers: Servers, key: str, headers: dict[str, list[str]]
) -> None:
    number, department, officer = await at_department(portal, await portal.register(), LAMP)
    assert department == "works"
    act = secrets.token_hex(6)
    body = json.dumps({"request": number, "action": "accept"}).encode()
    message = aio_pika.Message(body, message_id=act, headers=dict(headers))
    async with own_queue(portal, servers, "health") as queue:
        exchange = await queue.channel.get_exchange("rabta.actions", ensure=False)
        if key != queue.name:
            with pytest.raises(aio_pika.exceptions.AMQPError):
                await exchange.publish(message, key, timeout=2)
            return
        await exchange.publish(message, key)

        async def answered() -> dict[str, str] | None:
            got = await queue.get(fail=False, no_ack=True)
            problem = json.loads(got.body) if got is not None else {}
            return problem if problem.get("action") == act else None

        assert (await until(answered, "the refusal"))["type"] == "/problems/user-id-needed"
    seen = await portal.expect(200, "GET", f"/api/v1/assignments/{number}", token=officer)
    assert seen["state"] == "routed"
