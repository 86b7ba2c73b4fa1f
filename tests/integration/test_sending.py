"""Sending on a real database: shared rates, claims that exclude each other, and a notifier that is killed."""

import asyncio
import os
import random
import secrets
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deploy.local.home import ROOT
from deploy.local.ports import Ports
from deploy.local.probes import http_probe
from deploy.local.process import Process
from services.notifier.models.contact import Contact
from services.notifier.models.delivery import settle
from services.notifier.models.notification import DeliveryState, Notification
from services.notifier.settings import NotifierSettings
from services.notifier.store.contacts import ContactStore
from services.notifier.store.notifications import NotificationStore
from services.notifier.store.rates import RateStore
from services.notifier.writing.composing import WORDS
from shared.clock import utc_now
from shared.mongo import Database, ServerClock, connect
from shared.seal import SealPurpose
from tests.integration.plans import examined, stages_of
from tools.gateways.running import StandIn, sms_gateway
from tools.portal import until
from tools.suites import own_vhost

CITIZEN = "citizen-1"
LEASE, PATIENCE = 2.0, 1.0


@pytest.fixture
async def settings(environment: dict[str, str]) -> NotifierSettings:
    """Settings of a separate notifier."""
    name = f"sending-{secrets.token_hex(3)}"
    return NotifierSettings.model_validate(
        {**environment, "mongo_prefix": name, "amqp_url": await own_vhost(environment, name)}
    )


@pytest.fixture
async def database(settings: NotifierSettings) -> AsyncIterator[Database]:
    """Its database."""
    async with connect(settings.mongo_url.get_secret_value(), f"{settings.mongo_prefix}_notifier") as database:
        yield database
        await database.client.drop_database(database.name)


@pytest.fixture
async def store(database: Database) -> NotificationStore:
    """Its messages."""
    store = NotificationStore(database["notifications"])
    await store.create_indexes(outbox=False)
    return store


def a_message(settings: NotifierSettings, number: int, *, urgent: bool = False, hours: float = 0) -> Notification:
    """A message by SMS that is due now or in some hours."""
    keys, now = settings.keys, utc_now()
    return Notification(
        id=f"requests/RB-{number}/1:sms",
        citizen_id=CITIZEN,
        subject=f"RB-{number}",
        template="request.resolved.department",  # as many as there are
        channel="sms",
        created_at=now,
        language="en",
        to=keys.seal("+923001234567", SealPurpose.CITIZEN_MOBILE, owner=CITIZEN),
        words=keys.seal(f"Message {number}", WORDS, owner=CITIZEN),
        due_at=now + timedelta(hours=hours),
        urgent=urgent,
    )


async def test_two_replicas_share_a_rate_and_codes_have_a_reserve(database: Database) -> None:
    rate = 0.01  # a bucket of two that gains nothing during the test
    first, second = RateStore(database["rates"]), RateStore(database["rates"])
    both = (first, second)
    taken = await asyncio.gather(*(one.take("sms", rate, 3, urgent=False) for one in both for _ in range(20)))
    assert sum(room for room, _ in taken) == 1
    assert all(wait > 0 for _, wait in taken)
    room, _ = await second.take("sms", rate, 2, urgent=True)
    assert room == 1, "a code may still go"


async def test_a_pause_holds_for_all_and_the_longest_counts(database: Database) -> None:
    first, second = RateStore(database["rates"]), RateStore(database["rates"])
    assert (await first.take("sms", None, 500, urgent=False))[0] == 500
    await first.pause("sms", timedelta(seconds=60))
    await second.pause("sms", timedelta(seconds=1))
    room, wait = await second.take("sms", None, 5, urgent=True)
    assert room == 0
    assert 50 < wait <= 60


async def test_two_replicas_never_have_the_same_message(settings: NotifierSettings, store: NotificationStore) -> None:
    await store.insert_new([a_message(settings, number) for number in range(50)])
    lots = [await store.due("sms", 100, urgent=False) for _ in range(4)]
    assert {len(lot) for lot in lots} == {50}
    lease = timedelta(seconds=30)
    claimed = await asyncio.gather(
        *(store.claim({one.id: one.due_at for one in lot if one.due_at}, lot, lease) for lot in lots)
    )
    assert sum(map(len, claimed)) == 50
    assert len(set().union(*claimed)) == 50
    assert await store.due("sms", 100, urgent=False) == []


async def test_a_report_that_came_meanwhile_is_not_overwritten(
    settings: NotifierSettings, store: NotificationStore
) -> None:
    await store.insert_new([a_message(settings, 1)])
    [mine] = await store.due("sms", 1, urgent=False)
    assert mine.due_at is not None
    read, mine.calling = {mine.id: mine.due_at}, {"provider": "sms", "at": utc_now()}
    mine.state, mine.ours = DeliveryState.SENDING, "ours"
    assert await store.claim(read, [mine], timedelta(seconds=30)) == {mine.id}
    [before] = await store.named("sms", [("ours", None)])
    [after] = await store.named("sms", [("ours", None)])
    settle(after, DeliveryState.DELIVERED, utc_now(), by="sms")
    after.claim = None
    assert await store.replace(before, after)
    settle(mine, DeliveryState.SENDING, utc_now(), by="sms", reference="1")
    await store.save([mine])
    [now] = await store.named("sms", [("ours", None)])
    assert (now.state, now.claim, now.due_at) == (DeliveryState.DELIVERED, None, None)


async def test_a_lane_is_found_without_reading_what_waits_for_another_time(
    settings: NotifierSettings, store: NotificationStore
) -> None:
    await store.insert_new([a_message(settings, number, hours=8) for number in range(500)])
    await store.insert_new([a_message(settings, number) for number in range(500, 1000)])
    await store.insert_new([a_message(settings, 1001, urgent=True)])
    assert [one.subject for one in await store.due("sms", 10, urgent=True)] == ["RB-1001"]
    for urgent in (True, None):
        ripe = {"channel": "sms", "urgent": urgent, "due_at": {"$exists": True}, "$expr": {"$lt": ["$due_at", "$$NOW"]}}
        find = {"find": "notifications", "filter": ripe, "sort": {"due_at": 1}, "limit": 600}
        plan = await store.collection.database.command("explain", find, verbosity="executionStats")
        assert "SORT" not in stages_of(plan["queryPlanner"]["winningPlan"])
        assert examined(plan) <= (1 if urgent else 500)


@contextmanager
def a_notifier(settings: NotifierSettings, folder: Path, gateway: StandIn) -> Iterator[Process]:
    """A notifier as a process, which is not started yet."""
    ports = Ports()
    port = ports.take(None)
    secret = {name: getattr(settings, name).get_secret_value() for name in ("mongo_url", "amqp_url", "data_key")}
    own = {
        **secret,
        "index_key": settings.index_key.get_secret_value(),
        "env": "test",
        "mongo_prefix": settings.mongo_prefix,
        "port": port,
        "sms_gateway": ROOT / "tools/gateways/stand-in.yaml",
        "sms_url": gateway.address,
        "sms_sender": "Rabta",
        "sms_rate": 20,
        "courier_every": 0.1,
        "courier_lease": LEASE,
        "send_patience": PATIENCE,
        "courier_workers": 8,
    }
    process = Process(
        "notifier",
        [sys.executable, "-m", "services.notifier"],
        environment=os.environ | {f"RABTA_{name.upper()}": str(value) for name, value in own.items()},
        folder=ROOT,
        log=folder / "notifier.log",
        probe=partial(http_probe, f"http://127.0.0.1:{port}/health/ready"),
        port=port,
    )
    try:
        yield process
    finally:
        process.stop()
        ports.release()


async def count(store: NotificationStore, **where: Any) -> int:
    """The number of messages of a kind."""
    return int(await store.collection.count_documents(where))


async def test_a_notifier_that_is_killed_again_and_again_sends_each_message_once(
    settings: NotifierSettings, database: Database, store: NotificationStore, tmp_path: Path
) -> None:
    """The gateway loses requests, accepts messages without a response, closes connections, and can be asked."""
    clock = ServerClock(database)
    contacts = ContactStore(database["contacts"], clock, lease=8.0, settle_after=60.0)
    mobile = settings.keys.seal("+923001234567", SealPurpose.CITIZEN_MOBILE, owner=CITIZEN)
    await contacts.save_many([Contact(id=CITIZEN, mobile=mobile, verified=True)])
    many, chance = 80, random.Random(7)
    await store.insert_new([a_message(settings, number) for number in range(many)])

    faults = "slow=0.2,swallow=0.05,cut=0.05,hang=0.05,error=0.05"
    with sms_gateway(tmp_path, faults=faults, slow=0.1) as gateway, a_notifier(settings, tmp_path, gateway) as notifier:
        for _ in range(4):
            taken, more = (await gateway.counts())["taken"], chance.randint(1, 12)
            await asyncio.to_thread(notifier.start)

            async def some_more(least: int = taken + more) -> bool | None:
                return (await gateway.counts())["taken"] >= least or None

            await until(some_more, "some messages at the gateway", 30)
            await asyncio.to_thread(notifier.kill)
        await gateway.behave(faults="")
        await asyncio.to_thread(notifier.start)

        async def all_sent() -> bool | None:
            taken = {"$in": [DeliveryState.SENDING.value, DeliveryState.DELIVERED.value]}
            return await count(store, state=taken, provider="sms", calling=None) == many or None

        await until(all_sent, "all messages to be sent", 60)
        counts = await gateway.counts()
    assert (counts["messages"], counts["more_than_once"]) == (many, 0), counts
