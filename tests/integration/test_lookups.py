"""Every lookup by one value uses an index on the real database: its profiler reports no collection scan."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.identity.accounts.models.device import Device
from services.identity.accounts.store.citizens import CitizenStore
from services.identity.settings import IdentitySettings
from services.identity.stores import IdentityStores
from services.requests.duplicates.store import DuplicateStore
from services.requests.files.store.attachments import AttachmentStore
from services.requests.proof.store import DayStore
from services.requests.publishing.store import PublicRequestStore
from services.requests.request.store.requests import RequestStore
from services.routing.store.assignments import AssignmentStore
from shared.mongo import Database, ServerClock
from tests.builders import KEYS

MARKS: dict[str, Any] = {"lease": 8, "settle_after": 120}
MANY = 60


@pytest.fixture
async def database(database: Database) -> AsyncIterator[Database]:
    """A database whose profiler records every operation."""
    yield database
    await database.command("profile", 0)


async def read_whole(database: Database) -> list[str]:
    """The collection scans since the profiler was started."""
    found = await database["system.profile"].find({"planSummary": "COLLSCAN"}).to_list(None)
    return [str(one.get("command"))[:200] for one in found if "system.profile" not in one["ns"]]


async def examined(database: Database, name: str) -> int:
    """How many documents of a collection were read by queries since the profiler was started."""
    found = await database["system.profile"].find({"ns": f"{database.name}.{name}"}).to_list(None)
    return sum(one.get("docsExamined", 0) for one in found)


async def filled(database: Database, name: str, **fields: Any) -> None:
    """Insert many documents; a field whose value is a function differs in each."""
    rows = [
        {"_id": f"{name}-{n}", "rev": 1, "seq": 0} | {k: v(n) if callable(v) else v for k, v in fields.items()}
        for n in range(MANY)
    ]
    await database[name].insert_many(rows)


async def test_requests_and_their_files(database: Database, clock: ServerClock) -> None:
    requests = RequestStore(database["requests"], clock, keys=KEYS, **MARKS)
    attachments = AttachmentStore(database["attachments"], clock, **MARKS)
    neighbours = DuplicateStore(database["requests"])
    for store in (requests, attachments, neighbours):
        await store.create_indexes()
    own: dict[str, Any] = {"citizen_id": str, "filed_by": "clerk", "idempotency_key": str, "service": "s"}
    at = {"submitted_at": datetime.now(UTC), "changed_at": datetime.now(UTC)}
    await filled(database, "requests", **own, **at, intended="d", attachments=lambda n: [{"id": str(n)}])
    await filled(
        database, "attachments", owner="o", idempotency_key=str, counted=True, bytes=1, created_at=at["changed_at"]
    )
    await database.command("profile", 2)
    assert await requests.by_key("3", "3") is not None
    assert await requests.by_clerk_key("clerk", "3") is not None
    assert await requests.naming("3") == "requests-3"
    assert len(await requests.unverified("d", after=None, limit=5)) == 5
    assert await requests.active("3", "s") is None
    assert len(await requests.of_citizen("3", 5)) == 1
    await requests.discarding(5)
    await requests.followed_by("nobody", 5)
    for question in (neighbours.passing_on,):
        await question(5)
    await neighbours.merged_into("RB-0", 5)
    assert await attachments.by_key("o", "3") is not None
    assert await attachments.bytes_of("o") == MANY
    await attachments.claim_due(timedelta(minutes=1))
    await attachments.expire_unused("nobody")
    assert await read_whole(database) == []


OLD_INDEXES = [
    [("citizen_id", 1), ("changed_at", 1)],
    [("followers.citizen_id", 1), ("changed_at", 1)],
    [("changed_at", 1)],
    [("changed_at", 1), ("_id", 1)],
]
"""Of requests, in earlier versions."""


async def test_requests_that_changed(database: Database) -> None:
    clock, now = ServerClock(database), datetime.now(UTC)
    requests, neighbours = RequestStore(database["requests"], clock, keys=KEYS, **MARKS), database["requests"]
    public, days = PublicRequestStore(neighbours), DayStore(database)
    for keys in OLD_INDEXES:
        await neighbours.create_index(keys)
    for store in (requests, DuplicateStore(neighbours), public, days):
        await store.create_indexes()
    kept = {tuple(index["key"]) for index in (await neighbours.index_information()).values()}
    assert not kept & {tuple(keys) for keys in OLD_INDEXES}
    history = [{"n": 1, "action": "route", "at": now, "noted_at": now}]
    await filled(
        database,
        "requests",
        citizen_id=lambda n: str(n % 30),
        followers=lambda n: [{"citizen_id": str(n - 17)}],
        public_id=lambda n: None if n % 10 else f"RP-{n}",
        service="s",
        submitted_at=now,
        changed_at=lambda n: now - timedelta(minutes=n),
        history=lambda _: history,
    )
    await database.command("profile", 2)
    since = now - timedelta(minutes=MANY)
    assert [one.id for one in await requests.changed_since("3", since, 5)] == [
        "requests-33",
        "requests-20",
        "requests-3",
    ]
    assert await examined(database, "requests") == 3, "two of its own, one that it follows"
    await database.command("profile", 0)
    await database["system.profile"].drop()
    await database.command("profile", 2)
    assert len(await public.steps(["s"], ["route"], now, now + timedelta(minutes=1), 5)) == 1
    assert len([number async for number, _ in days.grown(now)]) == 1
    assert await examined(database, "requests") == 2
    assert await read_whole(database) == []


async def test_citizens_by_what_they_were_sent(database: Database, clock: ServerClock) -> None:
    citizens = CitizenStore(database["citizens"], clock, **MARKS)
    await citizens.create_indexes()
    later = datetime.now(UTC) + timedelta(days=1)
    await filled(
        database,
        "citizens",
        cnic_index=str,
        mobile_index=lambda n: f"m{n}",
        codes=lambda n: [{"challenge": f"c{n}"}] if n % 2 else [],
        deliveries=lambda n: [{"challenge": f"d{n}"}] if n % 2 else [],
        reset=lambda n: {"challenge": f"r{n}"} if n % 3 else None,
        mobile_undos=lambda n: [{"index": f"u{n}", "until": later}] if n % 5 else [],
    )
    await database.command("profile", 2)
    assert await citizens.by_challenge("c3") is not None
    assert await citizens.by_delivery("d3") is not None
    assert await citizens.by_reset("r4") is not None
    assert await citizens.by_undo("u3") is not None
    assert await citizens.by_index("7") is not None
    assert len(await citizens.owners("7", "m8")) == 2
    await citizens.ending(5)
    await citizens.forget_undos(datetime.now(UTC))
    await citizens.unproven(datetime.now(UTC), 5)
    await citizens.claim_checks(5, timedelta(minutes=1))
    assert await read_whole(database) == []


async def test_sessions_devices_and_what_staff_did(database: Database, environment: dict[str, str]) -> None:
    clock, now = ServerClock(database), datetime.now(UTC)
    await clock.measure()
    stores = IdentityStores(database, clock, IdentitySettings.model_validate(environment))
    await stores.create_indexes()
    for name in ("sessions", "login_steps", "accesses"):
        await filled(database, name, account="a", secret=str, ended_at=now, ends_at=now, citizen_id="a")
    await stores.devices.add(Device("d", "a", "3", "Firefox", now, now))
    await database.command("profile", 2)
    await stores.sessions.rotate("3", "a new one", now)
    await stores.sessions.end_spent("3", now)
    await stores.sessions.end_all("a", now)
    await stores.sessions.of_account("a", now)
    await stores.sessions.ended_since(now)
    await stores.devices.use("3", now)
    await stores.devices.of_account("a")
    await stores.devices.forget_all("a")
    await stores.steps.end_all("a")
    await stores.staff.by_login("a")
    await stores.staff.by_key("a")
    await stores.staff.unsettled(5)
    await stores.staff.page((now, "a"), 5)
    await stores.audit.has("a")
    await stores.audit.page(3, 5)
    await stores.accesses.of_citizen("a", before=(now, "a"), limit=5)
    await stores.accesses.forget_citizen("a")
    assert await read_whole(database) == []


async def test_replies_that_a_department_gives_to_many(database: Database, clock: ServerClock) -> None:
    assignments = AssignmentStore(database["assignments"], clock, **MARKS)
    await assignments.create_indexes()
    now = datetime.now(UTC)
    await filled(
        database, "assignments", department="d", state="resolved", reply_print=lambda n: f"p{n % 5}", replied_at=now
    )
    await database.command("profile", 2)
    found = await assignments.reply_prints({("d", "p1")}, timedelta(days=1))
    assert len(found) == MANY // 5
    assert await read_whole(database) == []
