"""Clocks of requests on a real database: claimed by one replica, again after the lease, found by the index."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from services.requests.request.models.request import Request
from services.requests.request.store.requests import RequestStore
from shared.mongo import Database, ServerClock
from tests.builders import KEYS, a_request
from tools.portal import until


@pytest.fixture
async def store(database: Database, clock: ServerClock) -> RequestStore:
    """Requests in a database of their own."""
    store = RequestStore(database["requests"], clock, keys=KEYS, lease=1, settle_after=60)
    await store.create_indexes()
    return store


async def filled(store: RequestStore, due: int, later: int) -> None:
    """Requests whose clock is due, and others."""
    now = store.clock.now()
    times = [now - timedelta(seconds=n + 1) for n in range(due)] + [now + timedelta(hours=1)] * later + [None] * later
    requests = [a_request(f"RB-{n}", citizen_id=f"c-{n}", clock="lapse", clock_at=at) for n, at in enumerate(times)]
    assert set(await store.insert_many(requests)) == {None}


async def test_each_due_clock_is_claimed_by_one(store: RequestStore) -> None:
    await filled(store, due=30, later=5)
    claims = await asyncio.gather(*(store.claim_due(20, 60) for _ in range(5)))
    rest = await store.claim_due(20, 60)
    numbers = [request.id for claim in [*claims, rest] for request in claim]
    assert len(numbers) == len(set(numbers)) == 30


async def test_an_abandoned_claim_is_claimed_again(store: RequestStore) -> None:
    await filled(store, due=1, later=0)
    assert len(await store.claim_due(20, 0.2)) == 1
    assert await store.claim_due(20, 60) == []

    async def look() -> list[Request] | None:
        return await store.claim_due(20, 60) or None

    assert len(await until(look, "the lease to end")) == 1


async def test_a_claimed_clock_is_saved_unless_another_writer_was_first(store: RequestStore) -> None:
    await filled(store, due=1, later=0)
    before = await store.get("RB-0")
    [claimed] = await store.claim_due(20, 60)
    assert before is not None
    before.clock = before.clock_at = None
    assert await store.save_many([before]) == set()
    claimed.clock = "let_stand"
    assert await store.save_many([claimed]) == {"RB-0"}
    assert await store.claim_due(20, 60) == []


class Between:
    """A collection in which another write follows each claim of clocks."""

    def __init__(self, collection: Any, then: Callable[[], Awaitable[object]]) -> None:
        self._collection = collection
        self._then = then

    def __getattr__(self, name: str) -> Any:
        return getattr(self._collection, name)

    async def update_many(self, *given: Any) -> Any:
        """Claim, then do the other write before the requests are read."""
        done = await self._collection.update_many(*given)
        await self._then()
        return done


@pytest.mark.parametrize("again", [timedelta(days=3), None])
async def test_an_answer_at_the_moment_of_the_claim_prevents_closing(
    store: RequestStore, again: timedelta | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The citizen corrected the answers, so waiting began again; or answered, so the request no longer waits."""
    await filled(store, due=2, later=0)
    mended = await store.get("RB-0")
    assert mended is not None
    mended.clock_at = store.clock.now() + again if again else None
    monkeypatch.setattr(store, "collection", Between(store.collection, lambda: store.save_many([mended])))
    assert [claimed.id for claimed in await store.claim_due(20, 60)] == ["RB-1"]


async def test_due_clocks_are_found_by_their_index(store: RequestStore) -> None:
    await filled(store, due=3, later=200)
    plan: dict[str, Any] = await store.collection.find(store.due()).sort("clock_at", 1).limit(10).explain()
    assert plan["executionStats"]["totalKeysExamined"] <= 4
    assert "COLLSCAN" not in str(plan["queryPlanner"]["winningPlan"])
