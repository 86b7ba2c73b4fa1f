"""Messages that a department's software returns or rejects, on the real broker: no open work is lost."""

import json
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue
from aio_pika.exceptions import AMQPError
from pamqp.common import FieldValue

from deploy.local.servers import Servers
from shared.bus.topology import DELIVERY_LIMIT, department_queue
from tests.integration.test_departments import made
from tests.journeys.test_main_job import LAMP, at_department
from tools.chaos.run import credentials
from tools.portal import Portal, until

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
        while (message := await queue.get(fail=False)) is not None and message.headers.get("ce-subject") != number:
            await message.ack()  # of earlier tests: there may be hundreds
        return message

    return await until(look, f"the message about {number}")


async def test_a_program_that_returns_its_messages_loses_none(portal: Portal, servers: Servers) -> None:
    """Messages are returned immediately, as in an outage: a limit of 50 would be reached in a tenth of a second."""
    number, department, _ = await at_department(portal, await portal.register(), LAMP)
    async with own_queue(portal, servers, department) as queue:
        for _ in range(RETURNS):
            message = await taken(queue, number)
            await message.nack(requeue=True)
        message = await taken(queue, number)
        assert not {"x-death", "x-rabta-attempt"} & message.headers.keys()
        await message.ack()


async def test_a_rejected_message_comes_again_while_the_request_is_open(portal: Portal, servers: Servers) -> None:
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


async def test_a_department_is_told_of_a_message_that_is_not_sent_again(portal: Portal, servers: Servers) -> None:
    """Ten times rejected, and no request of the department is open: it stays among the dead letters."""
    department = (await made(portal))["department"]
    event = f"routing/RB-7F3K-9Q2M-E/{secrets.token_hex(4)}"
    headers: dict[str, FieldValue] = {"ce-id": event, "ce-type": "request.closed.v1", "ce-number": 7}
    headers |= {"ce-subject": "RB-7F3K-9Q2M-E", "x-rabta-attempt": 10}
    async with own_queue(portal, servers, department) as queue:
        dead = f"{queue.name}.dead"
        async with await aio_pika.connect(servers.amqp_url) as operator:
            channel = await operator.channel()
            letter = aio_pika.Message(b"{}", headers=headers)
            await channel.default_exchange.publish(letter, dead, timeout=5)

        async def told() -> bytes | None:
            got = await queue.get(fail=False, no_ack=True)
            found = got is not None and got.headers["ce-type"] == "department.messages_put_aside.v1"
            return got.body if got is not None and found else None

        body = json.loads(await until(told, "the department to be told"))
        assert body == {"queue": queue.name, "messages": [event]}
        async with await aio_pika.connect(servers.amqp_url) as operator:
            letters = await (await operator.channel()).get_queue(dead, ensure=False)

            async def marked() -> bool | None:
                kept = await letters.get(fail=False)
                if kept is not None:
                    await kept.nack(requeue=True)
                return True if kept is not None and kept.headers.get("x-rabta-told") == 1 else None

            assert await until(marked, "the letter to be marked")


async def publish_unnamed(queue: AbstractQueue, number: str, act: str, key: str, cc: Sequence[str] = ()) -> None:
    """Publish an action without `user_id`."""
    body = json.dumps({"request": number, "action": "accept"}).encode()
    message = aio_pika.Message(body, message_id=act, headers={"CC": list(cc)} if cc else {})
    exchange = await queue.channel.get_exchange("rabta.actions", ensure=False)
    await exchange.publish(message, key, timeout=5)


async def test_an_action_without_user_id_is_answered_and_not_taken(portal: Portal, servers: Servers) -> None:
    number, department, officer = await at_department(portal, await portal.register(), LAMP)
    act = secrets.token_hex(6)
    async with own_queue(portal, servers, department) as queue:
        await publish_unnamed(queue, number, act, queue.name)

        async def answered() -> str | None:
            while (got := await queue.get(fail=False, no_ack=True)) is not None:
                problem = json.loads(got.body)
                if problem.get("action") == act:
                    return str(problem["type"])
            return None

        assert await until(answered, "the refusal") == "/problems/user-id-needed"
    seen = await portal.expect(200, "GET", f"/api/v1/assignments/{number}", token=officer)
    assert seen["state"] == "routed"


async def test_a_department_cannot_direct_answers_to_the_queue_of_another(portal: Portal, servers: Servers) -> None:
    """The answer goes to the department in the routing key; the broker lets a department use only its own."""
    number, department, _ = await at_department(portal, await portal.register(), LAMP)
    other = department_queue(department).name
    async with own_queue(portal, servers, "health") as queue:
        with pytest.raises(AMQPError):
            await publish_unnamed(queue, number, "forged-1", other)
    async with own_queue(portal, servers, "health") as queue:
        with suppress(AMQPError):  # RabbitMQ 4 looks at these too
            await publish_unnamed(queue, number, "forged-2", queue.name, [other])
    async with own_queue(portal, servers, department) as queue:
        await publish_unnamed(queue, number, "own", queue.name)
        told: list[str] = []

        async def answered() -> bool | None:
            while (got := await queue.get(fail=False, no_ack=True)) is not None:
                told.append(str(json.loads(got.body).get("action")))
            return "own" in told or None

        await until(answered, "the refusal of its own")
        assert not {"forged-1", "forged-2"} & set(told)
