"""What is merged into a request is found from an index, the oldest first, and so is what ended undone."""

import secrets
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from deploy.local.servers import Servers
from services.requests.models.lifecycle import State
from services.requests.store import RequestStore
from services.requests.store.neighbours import OLDEST_FIRST, PASSES_ON, Neighbours, merged_query
from shared.mongo import Database, ServerClock, connect
from tests.builders import KEYS, a_request
from tests.fakes import START
from tests.integration.plans import stages_of


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[Database]:
    """Forty requests, every fourth merged into the first, one of those without its person; two ended undone."""
    async with connect(servers.mongo_url, f"test_merged_{secrets.token_hex(4)}") as database:
        clock = ServerClock(database)
        await clock.measure()
        store = RequestStore(database["requests"], clock, keys=KEYS, lease=8, settle_after=120)
        await store.create_indexes()
        await Neighbours(database["requests"]).create_indexes()
        await store.insert_many(
            [
                a_request(
                    f"RB-{n:04d}",
                    citizen_id=f"citizen-{n}",
                    submitted_at=START - timedelta(hours=n),
                    state=State.ROUTED if n % 4 else State.DUPLICATE,
                    duplicate_of=None if n % 4 else "RB-0000",
                    anonymised_at=START if n == 8 else None,
                    passes_on=n in (1, 2),
                )
                for n in range(40)
            ]
        )
        yield database
        await database.client.drop_database(database.name)


async def test_questions_of_the_succession_are_answered_from_indexes(database: Database) -> None:
    collection = database["requests"]
    neighbours = Neighbours(collection)
    found = [one.id for one in await neighbours.merged_into("RB-0000", 4)]
    assert found == ["RB-0036", "RB-0032", "RB-0028", "RB-0024"]
    assert "RB-0008" not in [one.id for one in await neighbours.merged_into("RB-0000", 100)]
    [one] = await neighbours.merged_into("RB-0000", 100, of=["citizen-12", "citizen-13"])
    assert one.id == "RB-0012"
    assert await neighbours.merged_into("RB-0000", 100, of=["nobody"]) == []
    assert {one.id for one in await neighbours.passing_on(100)} == {"RB-0001", "RB-0002"}
    for query in (collection.find(merged_query("RB-0000")).sort(OLDEST_FIRST), collection.find(PASSES_ON)):
        stages = stages_of((await query.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in stages
        assert not stages & {"COLLSCAN", "SORT"}
