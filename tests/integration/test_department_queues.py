"""The queues of departments on the real broker, with real credentials: rights, answers, replay, invented messages."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage
from aio_pika.exceptions import AMQPError

from deploy.local.servers import Servers
from services.routing.feed.bodies import DEPARTMENT_EVENTS
from services.routing.feed.invented import NUMBER as INVENTED
from tests.attachments import sent
from tests.integration.test_departments import PATH, connected, made
from tests.journeys.test_main_job import LAMP, at_department
from tools.chaos.run import credentials as department_credentials
from tools.portal import PATIENCE, Portal, until

DIRECT = "amq.rabbitmq.reply-to"


class Software:
    """A program of a department: its channel, what its queue brought, and direct answers to its actions."""

    def __init__(self, channel: aio_pika.abc.AbstractChannel, queue: str, user: str) -> None:
        self.channel, self.queue, self.user = channel, queue, user
        self.answers: dict[str, dict[str, Any]] = {}

    async def listen(self) -> None:
        """Take direct answers; there is no queue to declare."""
        direct = await self.channel.get_queue(DIRECT, ensure=False)
        await direct.consume(self._answered, no_ack=True)

    async def act(self, action: str, number: str, key: str | None = None, **more: str) -> dict[str, Any]:
        """Publish an action; the direct answer to it."""
        act = await self.publish(action, number, key, **more)
        return await until(lambda: self._answer(act), f"the answer to {action}")

    async def publish(self, action: str, number: str, key: str | None = None, **more: str) -> str:
        """Publish an action; its message id."""
        act = secrets.token_hex(6)
        body = json.dumps({"request": number, "action": action, **more}).encode()
        message = aio_pika.Message(body, message_id=act, user_id=self.user, reply_to=DIRECT)
        exchange = await self.channel.get_exchange("rabta.actions", ensure=False)
        await exchange.publish(message, key or self.queue, timeout=5)
        return act

    async def next(self, number: str, kind: str) -> AbstractIncomingMessage:
        """The queue's next message of a type about a request; others are acknowledged."""
        queue = await self.channel.get_queue(self.queue, ensure=False)

        async def look() -> AbstractIncomingMessage | None:
            while (message := await queue.get(fail=False)) is not None:
                await message.ack()
                if (message.headers.get("ce-subject"), message.headers["ce-type"]) == (number, kind):
                    return message
            return None

        return await until(look, f"{kind} about {number}")

    async def _answered(self, message: AbstractIncomingMessage) -> None:
        body = json.loads(message.body)
        self.answers[str(message.correlation_id)] = body | {"kind": message.headers["ce-type"]}

    async def _answer(self, act: str) -> dict[str, Any] | None:
        return self.answers.get(act)


@asynccontextmanager
async def software(servers: Servers, credentials: dict[str, str]) -> AsyncIterator[Software]:
    """A program that has signed in."""
    async with await connected(servers, credentials) as connection:
        program = Software(await connection.channel(), credentials["queue"], credentials["user"])
        await program.listen()
        yield program


async def further(portal: Portal, department: str, name: str, kind: str) -> dict[str, str]:
    """A new further queue; one from an earlier run is removed."""
    token, path = await portal.admin_token(), f"{PATH}/{department}/queues"
    await portal.ask("DELETE", f"{path}/{name}", token=token)
    body = {"name": name, "kind": kind}
    credentials: dict[str, str] = await portal.expect(201, "POST", path, token=token, json=body)
    assert credentials["queue"] == credentials["user"] == f"department.{department}.{name}"
    return credentials


@asynccontextmanager
async def own(portal: Portal, servers: Servers, department: str) -> AsyncIterator[Software]:
    """The program that reads a department's own queue."""
    url, queue = await department_credentials(portal, servers.amqp_url, department)
    async with await aio_pika.connect(url) as connection:
        program = Software(await connection.channel(), queue, url.partition("//")[2].partition(":")[0])
        await program.listen()
        yield program


async def test_a_queues_user_reads_its_own_queue_and_writes_its_own_actions_only(
    portal: Portal, servers: Servers
) -> None:
    department = await made(portal)
    code = department["department"]
    second, trial = await further(portal, code, "second", "production"), await further(portal, code, "trial", "test")
    for user, other in ((department, second), (second, department), (trial, department)):
        async with software(servers, user) as program:
            queue = await program.channel.get_queue(user["queue"])
            await queue.get(fail=False, no_ack=True)
            assert (await program.act("accept", INVENTED))["action"]
        await refused(servers, user, partial(read, other["queue"]))
        for exchange, key in (("rabta.actions", other["queue"]), ("rabta.events", "x"), ("", other["queue"])):
            await refused(servers, user, partial(write, exchange, key))
        await refused(servers, user, partial(declare, f"{user['queue']}.more"))


async def declare(queue: str, channel: aio_pika.abc.AbstractChannel) -> None:
    """Make a queue."""
    await channel.declare_queue(queue)


async def read(queue: str, channel: aio_pika.abc.AbstractChannel) -> None:
    """Take a message from a queue."""
    await (await channel.get_queue(queue, ensure=False)).get(fail=False, no_ack=True)


async def write(exchange: str, key: str, channel: aio_pika.abc.AbstractChannel) -> None:
    """Publish to an exchange."""
    place = await channel.get_exchange(exchange, ensure=False) if exchange else channel.default_exchange
    await place.publish(aio_pika.Message(b"{}"), key, timeout=5)


async def refused(
    servers: Servers, user: dict[str, str], attempt: Callable[[aio_pika.abc.AbstractChannel], Awaitable[object]]
) -> None:
    """Try on a channel of its own, which the broker closes."""
    async with await connected(servers, user) as connection:
        channel = await connection.channel()
        with pytest.raises(AMQPError):
            await attempt(channel)


async def test_a_test_system_gets_one_of_each_and_touches_no_real_request(portal: Portal, servers: Servers) -> None:
    number, department, officer = await at_department(portal, await portal.register(), LAMP)
    trial = await further(portal, department, "trial", "test")
    head = await portal.officer(department, "head")
    samples = await portal.expect(200, "POST", "/api/v1/department/queues/samples", token=head)
    assert (samples["sent"], samples["queues"]) == (len(DEPARTMENT_EVENTS), [trial["queue"]])
    async with software(servers, trial) as program:
        queue = await program.channel.get_queue(trial["queue"])
        got = [await queue.get(timeout=5, no_ack=True) for _ in range(samples["sent"])]
        assert [one.headers["ce-type"] for one in got] == [event.type for event in DEPARTMENT_EVENTS]
        assert [one.headers["ce-number"] for one in got] == list(range(samples["first"], samples["last"] + 1))
        assert {one.headers["ce-test"] for one in got} == {"true"}
        assert all(json.loads(one.body)["test"] is True for one in got)
        accepted = await program.act("resolve", INVENTED, outcome="granted", reply="The lamp was replaced.")
        assert (accepted["kind"], accepted["state"], accepted["test"]) == ("action.accepted.v1", "resolved", True)
        refused = await program.act("accept", number)
        assert (refused["kind"], refused["type"]) == ("action.rejected.v1", "/problems/not-found")
    seen = await portal.expect(200, "GET", f"/api/v1/assignments/{number}", token=officer)
    assert seen["state"] == "routed"


async def test_each_action_is_answered_and_its_receipt_comes_with_what_officers_do(
    portal: Portal, servers: Servers
) -> None:
    citizen = await portal.register()
    number, department, officer = await at_department(portal, citizen, LAMP)
    async with own(portal, servers, department) as program:
        done = await program.act("accept", number)
        seen = await portal.ask("GET", f"/api/v1/assignments/{number}", token=officer)
        assert (done["kind"], done["state"], done["etag"]) == ("action.accepted.v1", "accepted", seen.headers["etag"])
        assert "resolve" in done["actions"]
        receipt = await program.next(number, "request.accepted.v1")
        assert json.loads(receipt.body)["caused_by"] == done["action"]
        refused = await program.act("accept", number)
        assert (refused["kind"], refused["status"], refused["state"]) == ("action.rejected.v1", 409, "accepted")

        assert (await portal.act(officer, number, "ask", question="Which side of the road?")).status == 200
        asked = json.loads((await program.next(number, "request.questioned.v1")).body)
        assert (asked["actor_kind"], asked["details"]) == ("officer", f"/api/v1/requests/{number}")
        assert "question" not in asked

        before = (await portal.ask("GET", f"/api/v1/assignments/{number}", token=officer)).headers["etag"]
        file = await sent(portal, citizen.token, to=number)
        added = json.loads((await program.next(number, "request.file_added.v1")).body)
        assert (added["attachment"], added["actor"]) == (file, "citizen")
        assert (await portal.ask("GET", f"/api/v1/assignments/{number}", token=officer)).headers["etag"] != before

        await portal.expect(200, "PATCH", "/api/v1/me", token=citizen.token, json={"name": "Corrected Name"})
        changed = json.loads((await program.next(number, "request.contact_changed.v1")).body)
        assert (changed["actor"], "Corrected" in str(changed)) == ("citizen", False)
        read = await portal.expect(200, "GET", f"/api/v1/requests/{number}", token=officer)
        assert read["citizen"]["name"] == "Corrected Name"


async def test_a_department_has_purged_messages_sent_again(portal: Portal, servers: Servers) -> None:
    number, department, _ = await at_department(portal, await portal.register(), LAMP)
    async with own(portal, servers, department) as program:
        lost = await program.next(number, "request.routed.v1")
        head = await portal.officer(department, "head")
        number_of_it = int(str(lost.headers["ce-number"]))
        body = {"after": number_of_it - 1}
        replayed = await portal.expect(200, "POST", "/api/v1/department/queues/replay", token=head, json=body)
        assert (replayed["sent"] >= 1, replayed["queue"]) == (True, program.queue)
        again = await program.next(number, "request.routed.v1")
        assert (again.message_id, again.body, again.headers) == (lost.message_id, lost.body, lost.headers)
        standing = await portal.expect(200, "GET", "/api/v1/department/queues", token=head)
        assert standing["oldest"] <= number_of_it <= standing["newest"]


async def test_a_further_queue_has_two_live_passwords_and_is_gone_when_it_is_removed(
    portal: Portal, servers: Servers
) -> None:
    code = (await made(portal))["department"]
    first, token = await further(portal, code, "second", "production"), await portal.admin_token()
    path = f"{PATH}/{code}/queues/second"
    new = await portal.expect(201, "POST", f"{path}/credentials", token=token, json={"keep_old_hours": 1})
    assert (new["user"], new["queue"]) == (f"{first['user']}.2", first["queue"])
    async with await connected(servers, first) as old, await connected(servers, new) as connection:
        closed = asyncio.Event()
        old.close_callbacks.add(lambda *_: closed.set())
        for each in (old, connection):
            await (await each.channel()).get_queue(first["queue"])
        await portal.expect(204, "DELETE", path, token=token)
        async with asyncio.timeout(PATIENCE):
            await closed.wait()
    for credentials in (first, new):
        with pytest.raises(AMQPError):
            await connected(servers, credentials)
    taken = {"name": "dead", "kind": "test"}
    refused = await portal.ask("POST", f"{PATH}/{code}/queues", token=token, json=taken)
    assert (refused.status, refused.body["type"]) == (409, "/problems/queue-exists")
