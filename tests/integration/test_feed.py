"""The feed of departments in MongoDB: numbers without a gap, whatever happens."""

import asyncio
import json
from contextlib import suppress
from datetime import timedelta

import pytest

from services.routing.feed.models import FeedEntry, FeedMessage
from services.routing.feed.store import FeedStore
from shared.changing import ContendedError
from shared.mongo import Database
from tests.fakes import START, AwayError, FakeClock


@pytest.fixture
async def database(database: Database) -> Database:
    """A database of one's own."""
    await FeedStore(database).create_indexes()
    return database


def a_message(event: int, feed: str = "water", citizen: str = "c-1", subject: str = "RB-1") -> FeedMessage:
    """A message about a request."""
    body = json.dumps({"citizen_id": citizen, "department": feed}).encode()
    return FeedMessage(feed, f"routing/{subject}/{event}", "request.accepted.v1", subject, event, START, body)


def placed(entries: list[FeedEntry]) -> list[tuple[int, int]]:
    """The number and the event of each entry."""
    return [(entry.number, entry.message.seq) for entry in entries]


async def test_messages_are_numbered_in_order_and_an_event_has_one_number(database: Database) -> None:
    feed = FeedStore(database, FakeClock())
    assert placed(await feed.append([a_message(1), a_message(2), a_message(1, "works")])) == [(1, 1), (2, 2), (1, 1)]
    again = await FeedStore(database, FakeClock()).append([a_message(2), a_message(3), a_message(1)])
    assert placed(again) == [(2, 2), (3, 3), (1, 1)]
    assert again[1] == FeedEntry(a_message(3), 3, START)
    assert placed(await feed.append([a_message(4)])) == [(4, 4)]
    assert placed(await feed.after("water", 1, 2)) == [(2, 2), (3, 3)]
    ends = [await feed.oldest("water"), await feed.newest("water"), await feed.newest("wate"), await feed.oldest("x")]
    assert ends == [1, 4, 0, 0]


async def test_processes_at_once_leave_no_gap_and_keep_each_batch_in_order(database: Database) -> None:
    stores = [FeedStore(database) for _ in range(3)]

    async def relay(store: FeedStore, start: int) -> list[list[FeedEntry]]:
        """Publish batches; a third of the events is also published by the other processes."""
        batches = ([a_message(event) for event in (at, at + 1, at % 60)] for at in range(start, start + 60, 3))
        return [await appended(store, batch) for batch in batches]

    async def appended(store: FeedStore, batch: list[FeedMessage]) -> list[FeedEntry]:
        """The batch's entries; where others were always first, the relay publishes it again."""
        while True:
            with suppress(ContendedError):
                return await store.append(batch)

    found = await asyncio.gather(*(relay(store, 1000 * n) for n, store in enumerate(stores, 1)))
    entries = await stores[0].after("water", 0, 1000)
    assert [entry.number for entry in entries] == list(range(1, len(entries) + 1))
    assert len({entry.message.event_id for entry in entries}) == len(entries)
    numbers = {entry.message.event_id: entry.number for entry in entries}
    for batch in (batch for batches in found for batch in batches):
        assert [numbers[entry.message.event_id] for entry in batch] == [entry.number for entry in batch]
        assert batch[0].number < batch[1].number


async def test_a_process_that_dies_after_numbering_leaves_no_gap_and_no_second_number(database: Database) -> None:
    class DyingStore(FeedStore):
        """Dies when its messages have numbers, before anybody knows them."""

        async def append(self, messages: object) -> list[FeedEntry]:
            await super().append([a_message(1), a_message(2)])
            raise AwayError

    with pytest.raises(AwayError):
        await DyingStore(database).append([])
    other = FeedStore(database)
    assert placed(await other.append([a_message(3)])) == [(3, 3)]
    assert placed(await other.append([a_message(1), a_message(2), a_message(3), a_message(4)])) == [
        (1, 1),
        (2, 2),
        (3, 3),
        (4, 4),
    ]


async def test_messages_expire_and_the_next_number_still_follows(database: Database) -> None:
    clock = FakeClock()
    feed = FeedStore(database, clock)
    for event in range(1, 6):
        await feed.append([a_message(event)])
        clock.advance(days=10)
    assert [await feed.before("water", START + timedelta(days=days)) for days in (-1, 5, 10, 25, 99)] == [0, 1, 1, 3, 5]
    assert await feed.expire("water", START + timedelta(days=25)) == 3
    assert (await feed.oldest("water"), await feed.before("water", START)) == (4, 3)
    assert await feed.expire("water", clock.now()) == 1
    assert await feed.expire("water", clock.now()) == 0
    assert placed(await FeedStore(database, clock).append([a_message(6)])) == [(6, 6)]


async def test_a_citizen_is_forgotten_in_the_messages_about_one_request(database: Database) -> None:
    feed = FeedStore(database)
    await feed.append([a_message(1), a_message(2, "works"), a_message(1, subject="RB-10")])
    assert await feed.forget_citizen("RB-1", "erased:1") == 2
    [kept, other] = await feed.after("water", 0, 5)
    [works] = await feed.after("works", 0, 5)
    citizens = [json.loads(entry.message.body)["citizen_id"] for entry in (kept, works, other)]
    assert citizens == ["erased:1", "erased:1", "c-1"]
