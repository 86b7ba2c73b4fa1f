"""A department's list and a service's past on the real database: read from their indexes, in order."""

import itertools
import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pymongo import ASCENDING, DESCENDING

from deploy.local.servers import Servers
from services.routing.models.assignment import OPEN, State
from services.routing.store import DONE_FIELDS, AssignmentStore, department_query, done_query
from shared.mongo import ServerClock, connect
from tests.builders import an_assignment
from tests.fakes import START
from tests.integration.plans import examined, stages_of

HERE = 40


@pytest.fixture
async def store(servers: Servers) -> AsyncIterator[AssignmentStore]:
    """Assignments of ten departments, every third resolved."""
    async with connect(servers.mongo_url, f"test_officers_{secrets.token_hex(4)}") as database:
        clock = ServerClock(database)
        await clock.measure()
        store = AssignmentStore(database["assignments"], clock, lease=8, settle_after=120)
        await store.create_indexes()
        await store.insert_many(
            [
                an_assignment(
                    f"RB-{n:04d}",
                    department=f"d{n % 10}",
                    service=f"s{n % 10}",
                    state=State.RESOLVED if n % 3 else list(OPEN)[n % len(OPEN)],
                    routed_at=START,
                    due_at=START + timedelta(hours=n // 20),
                    resolved_at=START + timedelta(hours=n) if n % 3 else None,
                )
                for n in range(10 * HERE)
            ]
        )
        yield store
        await database.client.drop_database(database.name)


async def test_a_departments_list_comes_from_its_index_in_order(store: AssignmentStore) -> None:
    cursors = (None, (START + timedelta(hours=3), "RB-0070"))
    for states, after in itertools.product((list(OPEN), [State.RESOLVED], [State.ROUTED, State.RESOLVED]), cursors):
        query = department_query("d1", [str(state) for state in states], after)
        found = store.collection.find(query).sort([("due_at", ASCENDING), ("_id", ASCENDING)]).limit(5)
        plan = await found.explain()
        stages = stages_of(plan["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in stages
        assert not stages & {"COLLSCAN", "SORT"}, (states, after)
        assert examined(plan) <= HERE
    page = await store.of_department("d1", states=[str(state) for state in OPEN], after=None, limit=100)
    assert [(one.due_at, one.id) for one in page] == sorted((one.due_at, one.id) for one in page if one.due_at)


async def test_a_services_past_is_read_from_the_index_alone(store: AssignmentStore) -> None:
    query = done_query("s1", START)
    plan = await store.collection.find(query, DONE_FIELDS).sort("resolved_at", DESCENDING).limit(10).explain()
    assert not stages_of(plan["queryPlanner"]["winningPlan"]) & {"COLLSCAN", "SORT", "FETCH"}
    assert examined(plan) == 0
    done = await store.done("s1", START, 10)
    assert len(done) == 10
    assert [one.until for one in done] == sorted((one.until for one in done), reverse=True)
    assert {one.department for one in done} == {"d1"}
    await store.collection.update_one({"service": "s1", "resolved_at": done[0].until}, {"$set": {"kind": "appeal"}})
    assert [one.until for one in await store.done("s1", START, 9)] == [one.until for one in done[1:]]
    assert await store.done("s1", START + timedelta(days=1000), 10) == []
