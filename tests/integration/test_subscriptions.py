"""Subscriptions of a department's software on a running suite: competing consumers, webhooks, rotation, replay."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

import pytest
from aiohttp import web
from prometheus_client import REGISTRY
from standardwebhooks import Webhook

from deploy.local.servers import Servers
from services.routing.directory import Directory
from services.routing.feed.models import FeedMessage, feed_name
from services.routing.feed.store import FeedStore
from services.routing.models.directory import DepartmentRecord
from services.routing.store.departments import DepartmentStore
from services.routing.subscriptions.measuring import measure_subscriptions
from services.routing.subscriptions.messages import new_secret
from services.routing.subscriptions.models.sending import RetryRule, Sending
from services.routing.subscriptions.models.subscription import Subscription, new_id
from services.routing.subscriptions.sending import WebhookSender
from services.routing.subscriptions.store import ProgressStore
from shared.clock import utc_now
from shared.mongo import connect
from shared.seal import KeyRing, SealPurpose
from tests.integration.test_departments import a_token, made
from tools.portal import Portal, until

PATH = "/api/v1/department/subscriptions"
NUMBER = "RB-7F3K-9Q2M-E"
MEASURES = ("waiting", "oldest_seconds", "failing_seconds", "stopped", "given_up")


@dataclass
class Place:
    """A new department: its head, its software, and a way to put messages in its feed."""

    portal: Portal
    code: str
    head: str
    software: str
    feed: FeedStore
    put: int = 0

    async def fill(self, count: int, *, test: bool = False) -> None:
        """More messages."""
        feed = feed_name(self.code, test=test)
        begin, self.put = self.put, self.put + count
        await self.feed.append(
            [
                FeedMessage(
                    feed, f"routing/{self.code}/{n}", "request.routed.v1", "RB-7F3K-9Q2M-E", n, utc_now(), b"{}"
                )
                for n in range(begin + 1, begin + count + 1)
            ]
        )

    async def subscribe(self, **entry: Any) -> dict[str, Any]:
        """A new subscription."""
        made: dict[str, Any] = await self.portal.expect(201, "POST", PATH, token=self.head, json=entry)
        return made

    async def act(self, subscription: dict[str, Any], act: str, status: int = 200, **body: Any) -> dict[str, Any]:
        """What the head does with a subscription."""
        path = f"{PATH}/{subscription['id']}/{act}"
        done: dict[str, Any] = await self.portal.expect(status, "POST", path, token=self.head, json=body or None)
        return done

    async def take(self, subscription: dict[str, Any], act: str, **body: Any) -> dict[str, Any]:
        """What the software does with a subscription."""
        path = f"{PATH}/{subscription['id']}/{act}"
        done: dict[str, Any] = await self.portal.expect(200, "POST", path, token=self.software, json=body)
        return done

    async def state(self, subscription: dict[str, Any]) -> dict[str, Any]:
        """How a subscription stands."""
        found: dict[str, Any] = await self.portal.expect(200, "GET", f"{PATH}/{subscription['id']}", token=self.head)
        return found


@pytest.fixture(scope="module")
async def place(portal: Portal, servers: Servers) -> AsyncIterator[Place]:
    """A department of this module."""
    credentials = await made(portal)
    code = credentials["department"]
    async with connect(servers.mongo_url, "rabta_routing") as database:
        software = await until(lambda: token_or_none(portal, credentials), "identity to hear of the department")
        yield Place(portal, code, await portal.officer(code, "head"), software, FeedStore(database))


async def token_or_none(portal: Portal, credentials: dict[str, str]) -> str | None:
    """A token, once identity knows the credentials."""
    try:
        return await a_token(portal, credentials)
    except KeyError:
        return None


def numbers(answer: dict[str, Any]) -> list[int]:
    """The numbers of messages."""
    return [message["number"] for message in answer["messages"]]


@dataclass
class Receiver:
    """A department's own web server; `statuses` are its next answers, 204 when none is left."""

    url: str = ""
    secret: str = ""
    statuses: list[int] = field(default_factory=list)
    answering: asyncio.Event = field(default_factory=asyncio.Event)
    got: list[tuple[int, str, int]] = field(default_factory=list)
    """The number, webhook-id and count of signatures of each call."""

    async def take(self, request: web.Request) -> web.Response:
        """Verify and note a message."""
        body = await request.read()
        message = Webhook(self.secret).verify(body, dict(request.headers)) if self.secret else json.loads(body)
        signatures = request.headers["webhook-signature"].split(" ")
        self.got.append((message["number"], request.headers["webhook-id"], len(signatures)))
        await self.answering.wait()
        status = self.statuses.pop(0) if self.statuses else 204
        return web.Response(status=status, headers={"Location": self.url} if status == 302 else {})

    @property
    def numbers(self) -> list[int]:
        """The numbers of all calls."""
        return [number for number, *_ in self.got]


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """A receiver that listens on loopback."""
    receiver, app = Receiver(), web.Application()
    receiver.answering.set()
    app.router.add_post("/hook", receiver.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield receiver
    await runner.cleanup()


def holds(check: Callable[[], bool]) -> Callable[[], Awaitable[bool | None]]:
    """A condition for `until`."""

    async def look() -> bool | None:
        return check() or None

    return look


async def test_two_consumers_get_different_messages_and_those_of_an_ended_lease_come_again(place: Place) -> None:
    await place.fill(4)
    ours = await place.subscribe(name="Work orders", kind="pull", after=0)
    assert (ours["secret"], ours["waiting"], ours["acked_up_to"]) == (None, 4, 0)
    pair = await asyncio.gather(*(place.take(ours, "lease", limit=2, seconds=1) for _ in range(2)))
    one, other = sorted(pair, key=numbers)
    assert [*numbers(one), *numbers(other)] == [1, 2, 3, 4]
    assert one["messages"][0]["type"] == "request.routed.v1"
    assert await place.take(ours, "ack", lease=other["lease"]) == {"lost": [], "acked_up_to": 0}

    async def again() -> dict[str, Any] | None:
        leased = await place.take(ours, "lease", limit=9)
        return leased if leased["messages"] else None

    third = await until(again, "the lease to end")
    assert numbers(third) == [1, 2]
    assert [message["tries"] for message in third["messages"]] == [2, 2]
    assert (await place.take(ours, "ack", lease=one["lease"], numbers=[1]))["lost"] == [1]
    assert (await place.take(ours, "extend", lease=third["lease"]))["numbers"] == [1, 2]
    await place.take(ours, "nack", lease=third["lease"], numbers=[2], pause_seconds=0)
    last = await place.take(ours, "lease")
    assert numbers(last) == [2]
    for lease in (third, last, last):
        settled = await place.take(ours, "ack", lease=lease["lease"])
    assert settled == {"lost": [], "acked_up_to": 4}
    assert (await place.state(ours))["waiting"] == 0


async def test_messages_are_replayed_after_a_number_or_from_a_time_on(place: Place) -> None:
    await place.fill(2)
    ours = await place.subscribe(name="Replayed", kind="pull")
    assert numbers(await place.take(ours, "lease")) == []
    newest = (await place.state(ours))["newest"]
    await place.act(ours, "replay", after=newest - 1)
    assert numbers(await place.take(ours, "lease")) == [newest]
    await place.act(ours, "replay", since="2026-01-01T00:00:00Z")
    assert numbers(await place.take(ours, "lease", limit=100)) == list(range(1, newest + 1))
    page = await place.portal.expect(
        200, "GET", f"/api/v1/department/messages?after={newest - 1}", token=place.software
    )
    assert (numbers(page), page["oldest"], page["newest"]) == ([newest], 1, newest)


async def test_a_webhook_gets_signed_messages_in_order_and_again_until_it_takes_them(place: Place) -> None:
    async with receiving() as receiver:
        receiver.statuses = [500, 302, 429]
        ours = await place.subscribe(name="Hook", kind="webhook", url=receiver.url)
        receiver.secret, start = ours["secret"], ours["newest"]
        assert "secret" not in await place.state(ours)
        await place.fill(3)
        await until(holds(lambda: len(receiver.got) >= 6), "the messages to arrive")
        first = start + 1
        assert receiver.numbers == [first] * 4 + [first + 1, first + 2]
        assert len({message_id for _, message_id, _ in receiver.got}) == 3

        async def settled() -> dict[str, Any] | None:
            state = await place.state(ours)
            return state if state["acked_up_to"] == first + 2 else None

        state = await until(settled, "the progress to be stored")
        assert (state["failures"], state["error"], state["failing_since"]) == (0, None, None)

        tried = await place.act(ours, "test")
        assert (tried["taken"], tried["error"], receiver.numbers[-1]) == (True, None, tried["number"])
        receiver.statuses = [404]
        assert (await place.act(ours, "test"))["error"] == "404"

        rotated = await place.act(ours, "secret", 201, keep_old_hours=1)
        assert rotated["secret"] != ours["secret"]
        await place.act(ours, "replay", after=first + 1)
        await until(
            holds(lambda: receiver.got[-1][2] == 2), "a message with both signatures"
        )  # the old secret verifies
        assert receiver.numbers[-1] == first + 2
        await place.act(ours, "pause")
        await place.fill(1)
        assert (await place.state(ours))["paused_at"]
        await place.act(ours, "resume")
        await until(holds(lambda: receiver.numbers[-1] == first + 3), "the message that waited")


async def test_a_webhook_that_keeps_failing_is_stopped_until_it_is_resumed(place: Place) -> None:
    async with receiving() as receiver:
        ours = await place.subscribe(name="Broken", kind="webhook", url=receiver.url)
        receiver.statuses = [500] * 1000
        await place.fill(1)

        async def stopped() -> dict[str, Any] | None:
            state = await place.state(ours)
            return state if state["stopped_at"] else None

        state = await until(stopped, "the portal to stop it")
        assert (state["error"], state["waiting"], state["next_try_at"]) == ("500", 1, None)
        receiver.statuses = [410]
        await place.act(ours, "resume")
        await until(holds(lambda: not receiver.statuses), "another try")
        gone = await until(stopped, "410 to stop it at once")
        assert gone["error"] == "410"
        await place.act(ours, "resume")

        async def delivered() -> bool | None:
            return (await place.state(ours))["waiting"] == 0 or None

        await until(delivered, "the message that waited")


async def test_a_test_subscription_gets_only_invented_messages(place: Place) -> None:
    ours = await place.subscribe(name="Trying", kind="pull", mode="test")
    await place.fill(1)
    assert numbers(await place.take(ours, "lease")) == []
    await place.fill(1, test=True)
    leased = await place.take(ours, "lease")
    assert (numbers(leased), leased["messages"][0]["test"]) == ([ours["newest"] + 1], True)


async def test_impossible_calls_are_refused(place: Place) -> None:
    hook = {"name": "Hook", "kind": "webhook"}
    for entry, pointer in (
        (hook, "/url"),
        ({**hook, "url": "https://169.254.169.254/"}, "/url"),
        ({**hook, "url": "http://hooks.example.org/"}, "/url"),
        ({"name": "Pull", "kind": "pull", "url": "https://hooks.example.org/"}, "/url"),
        ({"name": "Pull", "kind": "letter"}, "/kind"),
        ({"name": " ", "kind": "pull"}, "/name"),
    ):
        refused = await place.portal.ask("POST", PATH, token=place.head, json=entry)
        assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, pointer), entry
    ours = await place.subscribe(**hook, url="https://hooks.example.org/")
    await place.act(ours, "pause")
    pulled = await place.subscribe(name="Pull", kind="pull")
    await place.act(pulled, "pause")
    for subscription, code in ((ours, "subscription-not-pulled"), (pulled, "subscription-paused")):
        path = f"{PATH}/{subscription['id']}/lease"
        refused = await place.portal.ask("POST", path, token=place.software, json={})
        assert (refused.status, refused.body["type"]) == (409, f"/problems/{code}")
    for act, code in (("secret", "subscription-without-secret"), ("test", "subscription-without-address")):
        refused = await place.portal.ask("POST", f"{PATH}/{pulled['id']}/{act}", token=place.head)
        assert (refused.status, refused.body["type"]) == (409, f"/problems/{code}")
    for body in ({}, {"after": 1, "since": "2026-01-01T00:00:00Z"}, {"since": "2026-01-01T00:00:00"}):
        refused = await place.portal.ask("POST", f"{PATH}/{pulled['id']}/replay", token=place.head, json=body)
        assert refused.status == 422, body


async def test_administrators_manage_those_of_any_department_and_the_audit_has_each_act(place: Place) -> None:
    admin, auditor = await place.portal.admin_token(), await place.portal.staff("auditor")
    path = f"/api/v1/admin/departments/{place.code}/subscriptions"
    name = f"Ours {secrets.token_hex(2)}"
    made = await place.portal.expect(201, "POST", path, token=admin, json={"name": name, "kind": "pull"})
    assert made["id"] in {
        one["id"] for one in (await place.portal.expect(200, "GET", path, token=admin))["subscriptions"]
    }
    assert (await place.portal.ask("DELETE", f"{path}/{made['id']}", token=admin)).status == 204
    assert (await place.portal.ask("GET", f"{path}/{made['id']}", token=admin)).status == 404
    assert (await place.portal.ask("GET", "/api/v1/admin/departments/nobody/subscriptions", token=admin)).status == 404

    async def entered() -> list[Any] | None:
        entries = (await place.portal.expect(200, "GET", "/api/v1/admin/audit?limit=20", token=auditor))["entries"]
        ours = [one["details"] for one in reversed(entries) if one["details"].get("subscription") == name]
        return ours if len(ours) == 2 else None

    acts = await until(entered, "both acts to be in the audit")
    assert [act["act"] for act in acts] == ["created (pull, production)", "deleted (pull, production)"]


class Listing:
    """What the senders know of departments: one, with one webhook."""

    def __init__(self, subscription: Subscription) -> None:
        self.departments = {
            subscription.department: DepartmentRecord(
                id=subscription.department, subscriptions=[subscription.document()]
            )
        }


async def test_of_two_replicas_one_sends_at_a_time_and_continues_what_a_dead_one_left(
    place: Place, servers: Servers, environment: dict[str, str]
) -> None:
    keys = KeyRing.from_base64(environment["data_key"], environment["index_key"])
    async with receiving() as receiver, connect(servers.mongo_url, "rabta_replicas") as database:
        progress, feed, secret = ProgressStore(database), FeedStore(database), new_secret()
        made = Subscription(new_id(), "parks", "Ours", "webhook", "production", utc_now(), receiver.url)
        made = made.with_secret(keys.seal(secret, SealPurpose.SUBSCRIPTION_SECRET, owner=made.id), None)
        receiver.secret, directory = secret, cast(Directory, Listing(made))
        dead = Sending(made.id)
        dead.claim("dead", utc_now() + timedelta(seconds=1.5))  # by a replica that is gone
        await progress.add(dead)
        await feed.create_indexes()
        await replace(place, code="parks", feed=feed, put=0).fill(60)
        rule = RetryRule.of_seconds([0.1], 60)
        senders = [
            WebhookSender(cast(DepartmentStore, None), directory, progress, feed, keys, rule, utc_now, trial=True)
            for _ in range(2)
        ]
        tasks = [asyncio.create_task(sender.run(0.05)) for sender in senders]
        try:
            await until(holds(lambda: len(receiver.got) >= 60), "all messages")
            receiver.answering.clear()  # the next one is held in the middle of its work
            await replace(place, code="parks", feed=feed, put=60).fill(1)
            await until(holds(lambda: len(receiver.got) > 60), "one message more")
        finally:
            for task in tasks:
                task.cancel()
            receiver.answering.set()
            await asyncio.gather(*tasks, return_exceptions=True)
        assert receiver.numbers == list(range(1, 62))
        left, _ = await progress.load(Sending, made.id)
        assert (left and left.acked_up_to, left and left.lease) == (60, None)  # given back by the one that ended
        await replace(place, code="parks", feed=feed, put=61).fill(1)
        await measure_subscriptions(directory, progress, feed)
        labels = {"department": "parks", "subscription": made.id, "kind": "webhook"}
        measured = {name: REGISTRY.get_sample_value(f"rabta_subscription_{name}", labels) for name in MEASURES}
        assert measured | {"oldest_seconds": 0} == dict.fromkeys(MEASURES, 0.0) | {"waiting": 2.0}
