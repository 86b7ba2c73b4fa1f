"""Retention on the real database: a request is anonymised once when its time is over, and no other."""

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.requests.life.models import KeepDays
from services.requests.life.service.retention import BATCH, Retention
from services.requests.life.store import RetentionStore, overdue_steps
from services.requests.request.models.access_log import access_log_entry
from services.requests.request.models.lifecycle import EDGES, ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.store.access_log import AccessLogStore
from services.requests.request.store.requests import RequestStore
from shared.mongo import Database, ServerClock
from shared.rights import Role
from tests.builders import CITIZEN, KEYS, a_request
from tests.fakes import START
from tests.integration.plans import examined, stages_of

NOW = datetime(2031, 1, 1, tzinfo=UTC)
USUAL = KeepDays(resolved=100, withdrawn=365)


@dataclass
class Archive:
    """The database, and the use case on it."""

    database: Database
    requests: RequestStore
    store: RetentionStore
    looks: AccessLogStore
    retention: Retention

    async def ended(self, count: int, days: float, *, state: State = State.CLOSED, **fields: Any) -> list[str]:
        """Requests that ended that many days ago."""
        records = []
        for _ in range(count):
            outcome = fields.get("outcome", "granted" if state is State.CLOSED else None)
            request = a_request(f"RB-{secrets.token_hex(4).upper()}-0", **{**fields, "outcome": outcome})
            edge = next(edge for edge in reversed(EDGES) if edge.target is state)
            request.state = min(edge.sources)
            request.take(edge.action, edge.who, START, by=request.citizen_id)
            request.changed_at = NOW - timedelta(days=days)
            request.passes_on = fields.get("passes_on", False)  # else swept long ago
            records.append(request)
        assert await self.requests.insert_many(records) == [None] * count
        return [record.id for record in records]

    async def anonymous(self) -> set[str]:
        """The numbers of anonymised requests."""
        found = self.requests.collection.find({"citizen_id": {"$regex": "^erased:"}}, {"_id": 1})
        return {document["_id"] async for document in found}


@pytest.fixture
async def archive(database: Database, clock: ServerClock) -> Archive:
    """A new database."""
    requests = RequestStore(database["requests"], clock, keys=KEYS, lease=8, settle_after=120)
    store = RetentionStore(database)
    await requests.create_indexes()
    await store.create_indexes()
    looks = AccessLogStore(database["accesses"], clock, lease=8, settle_after=120)
    await looks.create_indexes()
    retention = Retention(store, requests, looks, USUAL, lambda: NOW)
    return Archive(database, requests, store, looks, retention)


async def test_only_requests_past_their_retention_are_anonymised(archive: Archive) -> None:
    over = [
        *await archive.ended(3, 101),
        *await archive.ended(2, 101, service="water-leak"),
        *await archive.ended(1, 366, state=State.WITHDRAWN),
        *await archive.ended(1, 366, state=State.INELIGIBLE, service="water-leak"),
        *await archive.ended(1, 366, state=State.CLOSED, outcome=None, service="water-leak"),  # lapsed
    ]
    await archive.ended(2, 99)
    await archive.ended(2, 99, service="water-leak")
    await archive.ended(2, 364, state=State.WITHDRAWN)
    await archive.ended(2, 5000, state=State.RESOLVED)
    await archive.ended(2, 5000, state=State.QUESTIONED)

    overdue = {(one.service, one.ended): one.count for one in await archive.retention.overdue()}
    assert overdue == {
        ("street-light-out", "resolved"): 3,
        ("water-leak", "resolved"): 2,
        ("street-light-out", "withdrawn"): 1,
        ("water-leak", "withdrawn"): 2,
    }
    assert await archive.anonymous() == set()  # asking changes nothing
    done = await archive.retention.run("command")
    assert sum(done.values()) == len(over)
    assert await archive.anonymous() == set(over)
    assert await archive.retention.overdue() == []
    assert await archive.retention.run("command") == {}
    runs = [run async for run in archive.database["retentions"].find().sort("requests", -1)]
    assert [(run["by"], run["requests"], run["anonymised"]) for run in runs] == [
        ("command", len(over), done),
        ("command", 0, {}),
    ]


async def test_an_anonymised_request_keeps_the_work_and_names_nobody(archive: Archive) -> None:
    [number] = await archive.ended(1, 101)
    await archive.retention.run("command")
    document = await archive.requests.collection.find_one({"_id": number})
    assert document is not None
    assert (document["state"], document["outcome"], document["service"]) == ("closed", "granted", "street-light-out")
    assert (document["sealed_answers"], document["ended"]) == ("", None)
    assert [entry["action"] for entry in document["history"]] == ["close", "anonymise"]
    assert [event["type"] for event in document["events"]] == ["request.anonymised.v1"]


async def test_an_anonymised_request_cannot_be_found_by_its_citizen(archive: Archive) -> None:
    [over] = await archive.ended(1, 101)
    [kept] = await archive.ended(1, 50)
    looks = [access_log_entry(a_request(n), "officer-1", Role.OFFICER, "power", NOW) for n in (over, kept)]
    await archive.looks.insert_many([look for look in looks if look is not None])
    await archive.retention.run("command")
    found = {look["request"]: look async for look in archive.looks.collection.find()}
    assert (found[over]["citizen_id"], found[over]["forget_to"]) == ("erased", 2)
    assert [event["type"] for event in found[over]["events"]] == ["access.recorded.v1", "access.forgotten.v1"]
    assert (found[kept]["citizen_id"], len(found[kept]["events"])) == (CITIZEN, 1)


async def test_two_parallel_runs_anonymise_many_in_batches(archive: Archive) -> None:
    over = await archive.ended(BATCH + 50, 200)
    other = Retention(archive.store, archive.requests, archive.looks, USUAL, lambda: NOW)
    done = [await archive.retention.run("schedule"), await other.run("command")]
    assert sum(sum(each.values()) for each in done) == len(over)
    assert await archive.anonymous() == set(over)


async def test_a_request_changed_meanwhile_is_skipped_or_fully_anonymised(archive: Archive) -> None:
    [number] = await archive.ended(1, 200)
    stale = await archive.requests.get(number)
    assert stale is not None
    await archive.retention.run("command")
    assert await archive.requests.save_many([stale]) == {number}


async def merged_into(archive: Archive, primary: str, days: float, **fields: Any) -> str:
    """The number of a request that was merged into another that many days ago."""
    [number] = await archive.ended(1, days, state=State.DUPLICATE, duplicate_of=primary, **fields)
    return number


async def test_a_merged_request_keeps_its_person_until_its_primary_is_due(archive: Archive) -> None:
    [resolved] = await archive.ended(1, 5000, state=State.RESOLVED)  # nobody has closed it
    [lately] = await archive.ended(1, 20)
    [undone] = await archive.ended(1, 400, state=State.WITHDRAWN, passes_on=True)
    await merged_into(archive, resolved, 4000)
    done = await merged_into(archive, lately, 4000)
    waiting = await merged_into(archive, undone, 4000)  # goes on by itself in a moment
    [taken_back] = await archive.ended(1, 366, state=State.WITHDRAWN, duplicate_of=resolved)

    await archive.retention.run("command")
    assert await archive.anonymous() == {taken_back}
    requests = archive.database["requests"]
    await requests.update_one({"_id": lately}, {"$set": {"changed_at": NOW - timedelta(days=366)}})
    await requests.update_one({"_id": undone}, {"$set": {"passes_on": False}})
    assert sum(one.count for one in await archive.retention.overdue()) == 4
    await archive.retention.run("command")
    assert await archive.anonymous() == {taken_back, undone, waiting, lately, done}


async def test_due_requests_are_found_by_an_index_of_ended_ones(archive: Archive) -> None:
    await archive.ended(20, 50)
    await archive.ended(5, 200)
    await archive.ended(40, 5000, state=State.RESOLVED)
    steps = overdue_steps("street-light-out", "resolved", NOW - timedelta(days=100))
    asked = {"aggregate": "requests", "pipeline": [*steps, {"$limit": 200}], "cursor": {}}
    plan = await archive.database.command("explain", asked, verbosity="executionStats")
    cursor, *_ = (stage["$cursor"] for stage in plan["stages"] if "$cursor" in stage)
    assert not stages_of(cursor["queryPlanner"]["winningPlan"]) & {"COLLSCAN", "SORT"}
    assert examined(cursor) == 5
    query = {"ended": "resolved", "service": {"$gt": ""}}
    plan = await archive.requests.collection.find(query).sort("service", 1).limit(1).explain()
    assert not stages_of(plan["queryPlanner"]["winningPlan"]) & {"COLLSCAN", "SORT"}


async def test_the_schedule_is_due_once_for_all_replicas(archive: Archive) -> None:
    [number] = await archive.ended(1, 200)
    day = timedelta(days=1)
    assert [await archive.store.claim(day) for _ in range(3)] == [True, False, False]
    await archive.retention.run_if_due(day)
    assert await archive.anonymous() == set()
    await archive.database["retentions"].update_one({"_id": "schedule"}, {"$set": {"due_at": START - 1000 * day}})
    await archive.retention.run_if_due(timedelta(0))  # off
    assert await archive.anonymous() == set()
    await archive.retention.run_if_due(day)
    assert await archive.anonymous() == {number}
    assert await archive.database["retentions"].count_documents({"by": "schedule"}) == 1


def test_a_reopened_request_is_not_due() -> None:
    request = Request(id="RB-0000-0000-0")
    request.take("refuse", ActorKind.RULES, START)
    assert request.ended == "withdrawn"
    request.take("correct", ActorKind.CITIZEN, START)
    assert request.ended is None
