"""A record that another writer saved first is loaded and changed again, up to MAX_ATTEMPTS times."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest

from shared import changing
from shared.changing import MAX_ATTEMPTS, ContendedError, attempts, change, change_loaded
from shared.errors import NotFoundError


@dataclass
class Counter:
    """A record."""

    id: str = "a"
    value: int = 0


@dataclass
class Counters:
    """A store in which another writer adds 100 before each of the next `races` saves."""

    stored: dict[str, Counter] = field(default_factory=lambda: {"a": Counter()})
    races: int = 0
    loads: int = 0

    async def get(self, record_id: str) -> Counter | None:
        self.loads += 1
        found = self.stored.get(record_id)
        return replace(found) if found else None

    async def save_many(self, records: Sequence[Counter]) -> set[str]:
        if self.races:
            self.races -= 1
            for record in records:
                self.stored[record.id].value += 100
            return {record.id for record in records}
        self.stored |= {record.id: record for record in records}
        return set()


def add(counter: Counter) -> None:
    counter.value += 1


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changing, "MAX_PAUSE", 0)


async def test_change_is_saved() -> None:
    store = Counters()
    assert (await change(store, "a", add)).value == 1
    assert store.stored["a"].value == 1


async def test_change_is_repeated_on_the_newly_saved_record() -> None:
    store = Counters(races=3)
    await change(store, "a", add)
    assert store.stored["a"].value == 301
    assert store.loads == 4


async def test_async_change_is_awaited() -> None:
    async def add_later(counter: Counter) -> None:
        counter.value += 1

    store = Counters(races=1)
    assert (await change(store, "a", add_later)).value == 101


async def test_change_gives_up_after_the_last_attempt() -> None:
    store = Counters(races=MAX_ATTEMPTS)
    with pytest.raises(ContendedError) as raised:
        await change(store, "a", add)
    assert (raised.value.status, raised.value.headers) == (503, {"Retry-After": "1"})
    assert store.loads == MAX_ATTEMPTS


async def test_missing_record_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        await change(Counters(), "b", add)


async def test_new_record_is_inserted() -> None:
    store = Counters()

    async def load() -> Counter:
        return await store.get("b") or Counter("b")

    await change_loaded(store, load, add)
    assert store.stored["b"].value == 1


@pytest.mark.parametrize("races", [0, 5])
async def test_nothing_is_saved_where_the_change_returns_false(races: int) -> None:
    store = Counters(races=races)
    await change(store, "a", lambda _: False)
    assert (store.stored["a"].value, store.races) == (0, races)


async def test_attempts_are_counted() -> None:
    assert [attempt async for attempt in attempts()] == list(range(MAX_ATTEMPTS))
