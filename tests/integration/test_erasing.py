"""Erasures that are unfinished, on the real database: all are found, by the index, the latest date first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from services.notifier.store.contacts import ContactStore
from services.requests.request.store.replicas import CitizenReplicaStore
from shared.mongo import Database, ServerClock

MARKS: dict[str, Any] = {"lease": 8, "settle_after": 120}
NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize("kind", [ContactStore, CitizenReplicaStore])
async def test_all_are_found_at_once(database: Database, kind: type[ContactStore] | type[CitizenReplicaStore]) -> None:
    store = kind(database["people"], ServerClock(database), **MARKS)
    await store.create_indexes()
    until = [NOON + timedelta(seconds=n) if n % 3 else None for n in range(150)]
    await store.collection.insert_many(
        [{"_id": f"{n}", "rev": 1, "seq": 0, "erasing_until": at} for n, at in enumerate(until)]
    )
    await database.command("profile", 2)
    assert [one.erasing_until for one in await store.erasing()] == sorted(filter(None, until), reverse=True)
    if isinstance(store, CitizenReplicaStore):
        assert await store.corrected(10) == []
    await database.command("profile", 0)
    assert await database["system.profile"].count_documents({"planSummary": "COLLSCAN"}) == 0
