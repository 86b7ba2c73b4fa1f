"""The examples for departments, run unchanged, also during outages."""

import asyncio
import json
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import aio_pika
import aiohttp
import pytest
from aiohttp import web

from deploy.cli.demo.city import service_entry
from deploy.cli.demo.rows import CodedName
from deploy.local.home import ROOT
from deploy.local.suite import Suite
from services.routing.broker import BrokerAdmin, password_hash
from shared.bus import Message, Publisher, Topology
from shared.bus.topology import ACTIONS, dead_queue, department_queue, letters_of
from tools.containers import Hasty, hasty_broker
from tools.portal import Citizen, Portal, until

TOWN = CodedName(code="exampleville", en="Exampleville", ur="مثال نگر")
PATIENCE = 60.0
FOLDER = ROOT / "examples"
EXAMPLES = ("python", "node")


@dataclass(frozen=True)
class Example:
    """A program and its folder."""

    language: str
    command: Sequence[str]
    folder: Path


@asynccontextmanager
async def running(example: Example, environment: Mapping[str, str]) -> AsyncIterator[list[str]]:
    """Run a program during the block; yields its output, which is shown if the block fails."""
    process = await asyncio.create_subprocess_exec(
        *example.command,
        cwd=example.folder,
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    printed: list[str] = []

    async def read() -> None:
        assert process.stdout is not None
        async for line in process.stdout:
            printed.append(line.decode())

    reading = asyncio.create_task(read())
    try:
        await heard(printed, "listening on")
        yield printed
    except AssertionError as error:
        raise AssertionError(f"{error}; the subscriber printed: {''.join(printed)}") from None
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reading


async def heard(printed: Sequence[str], words: str) -> None:
    """Wait for output of the program."""

    async def look() -> bool | None:
        return any(words in line for line in printed) or None

    await until(look, f"the subscriber to say {words!r}", PATIENCE)


@pytest.fixture(scope="module")
def node_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the Node example for installing its package."""
    if shutil.which("node") is None or shutil.which("npm") is None:
        if os.environ.get("RABTA_NEEDS_NODE") == "1":
            pytest.fail("RABTA_NEEDS_NODE=1, and there is no node or npm here")
        pytest.skip("the Node example needs node and npm, which this machine does not have")
    return Path(shutil.copytree(FOLDER / "node", tmp_path_factory.mktemp("node") / "example"))


@pytest.fixture(scope="module")
async def node_example(node_folder: Path) -> Example:
    """The Node example with its package."""
    npm = await asyncio.create_subprocess_exec(
        "npm", "install", "--no-audit", "--no-fund", "--no-package-lock",
        cwd=node_folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    output, _ = await npm.communicate()
    assert npm.returncode == 0, output.decode()
    return Example("node", ["node", "subscriber.mjs"], node_folder)


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> Example:
    """Each of the examples."""
    if request.param == "node":
        found: Example = request.getfixturevalue("node_example")
        return found
    return Example("python", [sys.executable, "subscriber.py"], FOLDER / "python")


async def make_department(portal: Portal, code: str) -> dict[str, str]:
    """A new department with a service that is routed to it; returns its credentials."""
    token = await portal.admin_token()
    words = {"en": f"Department {code}", "ur": "محکمہ"}
    entry = {"code": code, "name": words, "head": words, "appellate_authority": words, "districts": []}
    service = service_entry(f"{code}-lamp", "Lamp", "lamps", TOWN, [code])
    made: dict[str, str] = await portal.expect(201, "POST", "/api/v1/admin/departments", token=token, json=entry)
    await portal.expect(201, "POST", "/api/v1/admin/services", token=token, json=service)
    return made


def environment_of(amqp_url: str, url: str, credentials: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The environment described in the example's README."""
    broker = urlsplit(amqp_url)
    return {
        "PATH": os.environ["PATH"],
        "RABTA_URL": url,
        "RABTA_BROKER_URL": broker._replace(netloc=broker.netloc.rpartition("@")[2]).geturl(),
        "RABTA_CLIENT_ID": credentials["user"],
        "RABTA_CLIENT_SECRET": credentials["password"],
        "RABTA_INBOX": str(folder / "inbox"),
    }


async def file(portal: Portal, citizen: Citizen, code: str) -> str:
    """File a complaint; returns the number."""
    answers = {"office": code, "reference": "1", "opened": "2022-01-21 13:47", "description": "The lamp is dark."}
    filing = {"service": f"{code}-lamp", "place": {"district": TOWN.code}, "answers": answers}
    return str((await portal.file(citizen, filing))["number"])


async def counted(amqp_url: str, queue: str) -> int:
    """The number of messages in a queue."""
    async with await aio_pika.connect(amqp_url) as connection:
        found = await (await connection.channel()).declare_queue(queue, passive=True)
        return found.declaration_result.message_count or 0


async def client_token(url: str, department: Mapping[str, str]) -> str:
    """A token of the department's software."""
    form = {"grant_type": "client_credentials"}
    form |= {"client_id": department["user"], "client_secret": department["password"]}
    async with aiohttp.ClientSession(url) as http, http.post("/api/v1/oauth/token", data=form) as answer:
        return str((await answer.json())["access_token"])


async def test_an_example_survives_an_outage_and_leaves_disputes_to_people(
    suite: Suite, portal: Portal, example: Example, tmp_path: Path
) -> None:
    code = f"example-{example.language}"
    department = await make_department(portal, code)
    citizen, amqp_url = await portal.register(), suite.environment["RABTA_AMQP_URL"]
    numbers = [await file(portal, citizen, code) for _ in range(3)]
    for number in numbers:
        await portal.reaches(citizen, number, "routed")
    gateway = suite.process("gateway")
    gateway.kill()
    async with running(example, environment_of(amqp_url, suite.url, department, tmp_path)) as printed:
        try:
            for number in numbers:
                await heard(printed, f"{number} is tried again")
            assert await counted(amqp_url, department["queue"]) == 0, "what is stored is acknowledged"
            assert await counted(amqp_url, dead_queue(department["queue"])) == 0
        finally:
            await asyncio.to_thread(gateway.start)
            await asyncio.to_thread(gateway.wait_ready)
        for number in numbers:
            await heard(printed, f"{number} {code}-lamp")
            request = await portal.reaches(citizen, number, "resolved")
            assert request["outcome"] == "granted"
            assert request["history"][-1]["words"] == f"Our crew has dealt with {number}."
            assert [entry["to"] for entry in request["history"]][-3:] == ["routed", "accepted", "resolved"]

        disputed = numbers[0]
        path, body = f"/api/v1/requests/{disputed}/dispute", {"reason": "not_done"}
        await portal.expect(200, "POST", path, token=citizen.token, json=body)
        await heard(printed, f"{disputed} waits for the head")
        refused = await portal.act(await client_token(suite.url, department), disputed, "accept")
        assert (refused.status, refused.body["type"]) == (403, "/problems/head-only")
        await portal.reaches(citizen, disputed, "reopened")


async def test_the_short_examples_store_messages_by_pull_webhook_and_queue(
    suite: Suite, portal: Portal, example: Example, tmp_path: Path
) -> None:
    code = f"short-{example.language}"
    department = await make_department(portal, code)
    citizen, head = await portal.register(), await portal.officer(code, "head")
    port, path = free_port(), "/api/v1/department/subscriptions"
    pull = await portal.expect(201, "POST", path, token=head, json={"name": "Pull", "kind": "pull"})
    hook = {"name": "Hook", "kind": "webhook", "url": f"http://127.0.0.1:{port}/"}
    webhook = await portal.expect(201, "POST", path, token=head, json=hook)
    broker = urlsplit(suite.environment["RABTA_AMQP_URL"])
    login = f"{department['user']}:{quote(department['password'])}@{broker.netloc.rpartition('@')[2]}"
    environment = environment_of(broker.geturl(), suite.url, department, tmp_path) | {
        "RABTA_SUBSCRIPTION": pull["id"],
        "RABTA_WEBHOOK_SECRET": webhook["secret"],
        "RABTA_WEBHOOK_PORT": str(port),
        "RABTA_AMQP_URL": broker._replace(netloc=login).geturl(),
        "RABTA_QUEUE": department["queue"],
    }
    number = await file(portal, citizen, code)
    for kind, words in (("pull", f"request.routed.v1 {number}"), ("webhook", number), ("queue_reader", number)):
        command = [example.command[0], f"{kind}{Path(example.command[1]).suffix}"]
        program = Example(example.language, command, example.folder)
        async with running(program, environment | {"RABTA_INBOX": str(tmp_path / kind)}) as printed:
            await heard(printed, words)
            if kind == "queue_reader":
                continue

            async def acknowledged(one: str = (pull if kind == "pull" else webhook)["id"]) -> bool | None:
                state = await portal.expect(200, "GET", f"{path}/{one}", token=head)
                return state["waiting"] == 0 or None

            await until(acknowledged, f"{kind} to be acknowledged", PATIENCE)


def free_port() -> int:
    """A port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def hasty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hasty]:
    """A broker that waits two seconds for an acknowledgement instead of half an hour."""
    broker = hasty_broker(tmp_path_factory.mktemp("hasty"))
    yield broker
    broker.kill()  # a clean stop takes six seconds, and nobody needs its data
    broker.stop()


class SlowPortal:
    """The routes of the portal that the examples use; assignments are answered once the gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked = asyncio.Event()

    async def token(self, _: web.Request) -> web.Response:
        """Any token."""
        return web.json_response({"access_token": "t", "expires_in": 600})

    async def assignment(self, request: web.Request) -> web.Response:
        """An accepted assignment."""
        self.asked.set()
        await self.gate.wait()
        return web.json_response({"actions": ["resolve"], "for_head": False})

    async def request(self, _: web.Request) -> web.Response:
        """A request."""
        return web.json_response({"service": "lamp", "place": {}, "answers": {}})


@asynccontextmanager
async def serving(slow: SlowPortal) -> AsyncIterator[str]:
    """Run the slow portal during the block; yields its address."""
    app = web.Application()
    app.router.add_post("/api/v1/oauth/token", slow.token)
    app.router.add_get("/api/v1/assignments/{number}", slow.assignment)
    app.router.add_get("/api/v1/requests/{number}", slow.request)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def made_at(broker: Hasty, code: str) -> dict[str, str]:
    """Create a department's queues and user at a broker, like routing."""
    admin, queue = BrokerAdmin(broker.admin_url, "rabta"), department_queue(code)
    publisher = Publisher(broker.amqp_url, "test", Topology())
    await publisher.open()
    async with aiohttp.ClientSession() as http:
        for one in (letters_of(queue.name), queue):
            await admin.make_queue(http, one)
        await admin.make_user(http, queue.name, queue.name, password_hash("secret"))
    events = [
        Message(
            "", queue.name, b"{}", f"m-{n}",
            {"ce-id": f"routing/RB-{n}/1", "ce-type": "request.routed.v1", "ce-subject": f"RB-{n}"},
        )
        for n in range(5)
    ]  # fmt: skip
    assert all(await publisher.publish(events))
    await publisher.close()
    return {"user": queue.name, "password": "secret", "queue": queue.name}


async def test_work_longer_than_the_brokers_timeout_is_done_once(
    hasty: Hasty, example: Example, tmp_path: Path
) -> None:
    department = await made_at(hasty, f"slow-{example.language}")
    naive, slow = await made_at(hasty, f"naive-{example.language}"), SlowPortal()
    acts: list[tuple[str, dict[str, Any]]] = []
    async with await aio_pika.connect(hasty.amqp_url) as connection, serving(slow) as url:
        channel = await connection.channel()
        actions = await channel.declare_queue(exclusive=True)
        await actions.bind(ACTIONS, department["queue"])
        environment = environment_of(hasty.amqp_url, url, department, tmp_path)
        async with running(example, environment):
            await slow.asked.wait()
            await lost_patience(hasty, naive["queue"])  # with a consumer that takes a message and never acknowledges it
        assert await counted(hasty.amqp_url, department["queue"]) == 0, "it held what it had not acknowledged"
        slow.gate.set()

        async def acted() -> bool | None:
            while (got := await actions.get(fail=False, no_ack=True)) is not None:
                acts.append((str(got.message_id), json.loads(got.body)))
            return len(acts) >= 5 or None

        async with running(example, environment):
            await until(acted, "five acts", PATIENCE)
    assert sorted(body["request"] for _, body in acts) == [f"RB-{n}" for n in range(5)]
    assert len({act_id for act_id, _ in acts}) == 5


async def lost_patience(broker: Hasty, queue: str) -> None:
    """Wait until the broker has closed the channel of a program that acknowledges too late."""
    async with await aio_pika.connect(broker.amqp_url) as connection:
        channel = await connection.channel()
        closed = asyncio.Event()
        channel.close_callbacks.add(lambda *_: closed.set())
        await (await channel.get_queue(queue)).consume(hold)
        async with asyncio.timeout(PATIENCE):
            await closed.wait()


async def hold(_: aio_pika.abc.AbstractIncomingMessage) -> None:
    """Take a message and never acknowledge it."""
