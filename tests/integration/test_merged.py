"""Merged requests are found by an index, the oldest first; a merge writes both requests or neither."""

import asyncio
from datetime import timedelta

import pytest

from services.requests.duplicates.models import merge
from services.requests.duplicates.store import OLDEST_FIRST, PASSES_ON, DuplicateStore, merged_query
from services.requests.request.models.lifecycle import ActorKind, State
from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from shared.mongo import Database, ServerClock
from tests.builders import KEYS, a_request
from tests.fakes import START
from tests.integration.plans import stages_of


@pytest.fixture
async def store(database: Database, clock: ServerClock) -> RequestStore:
    """Forty requests: every fourth merged into the first, one of these anonymised; two ended without outcome."""
    store = RequestStore(database["requests"], clock, keys=KEYS, lease=8, settle_after=120)
    await store.create_indexes()
    await DuplicateStore(database["requests"]).create_indexes()
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
    return store


async def test_questions_about_merged_requests_are_answered_from_indexes(store: RequestStore) -> None:
    collection = store.collection
    neighbours = DuplicateStore(collection)
    found = [one.id for one in await neighbours.merged_into("RB-0000", 4)]
    assert found == ["RB-0036", "RB-0032", "RB-0028", "RB-0024"]
    assert "RB-0008" not in [one.id for one in await neighbours.merged_into("RB-0000", 100)]
    assert {one.id for one in await neighbours.passing_on(100)} == {"RB-0001", "RB-0002"}
    for query in (collection.find(merged_query("RB-0000")).sort(OLDEST_FIRST), collection.find(PASSES_ON)):
        stages = stages_of((await query.explain())["queryPlanner"]["winningPlan"])
        assert "IXSCAN" in stages
        assert not stages & {"COLLSCAN", "SORT"}


async def both(store: RequestStore) -> list[Request]:
    """Two requests, read from the database."""
    found = await store.load_many(["RB-0001", "RB-0003"])
    return [found[number] for number in sorted(found)]


async def test_a_merge_writes_both_requests_or_neither(store: RequestStore) -> None:
    request, primary = await both(store)
    merge(request, primary, START, by="officer", words="sealed")
    [other_reader] = (await store.load_many([primary.id])).values()
    other_reader.take("accept", ActorKind.DEPARTMENT, START)
    assert await store.save_many([other_reader]) == set()
    assert not await store.save_together([request, primary])
    request, primary = await both(store)
    assert (request.state, request.seq, primary.followers) == (State.ROUTED, 0, [])

    merge(request, primary, START, by="officer", words="sealed")
    assert await store.save_together([request, primary])
    request, primary = await both(store)
    assert (request.state, request.seq, primary.seq) == (State.DUPLICATE, 1, 2)
    assert [one["citizen_id"] for one in primary.followers] == ["citizen-1"]


async def test_of_many_merges_into_one_at_once_none_is_half_done(store: RequestStore) -> None:
    async def into_the_third(number: str) -> None:
        for _ in range(50):
            found = await store.load_many([number, "RB-0003"])
            merge(found[number], found["RB-0003"], START, by="officer", words="sealed")
            if await store.save_together([found[number], found["RB-0003"]]):
                return

    numbers = [f"RB-{n:04d}" for n in range(5, 13) if n % 4]
    await asyncio.gather(*map(into_the_third, numbers))
    found = await store.load_many(numbers)
    primary = await store.get("RB-0003")
    assert primary is not None
    merged = sorted(number for number, one in found.items() if one.merged_into == "RB-0003")
    assert merged == sorted(one["through"] for one in primary.followers) == numbers
