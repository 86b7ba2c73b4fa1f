"""The two stores that the same tests use, in memory and in MongoDB, each with a way to let time pass."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, ClassVar, Protocol

import pytest
from pymongo import ASCENDING

from shared import events
from shared.confirmed import ConfirmedEvents
from shared.envelope import Envelope
from shared.mongo import RecordStore, ServerClock, connect
from shared.records import Outbox, Record, Records
from tests.fakes import FakeClock, MemoryStore

UNIQUE = [("owner", "key"), ("owner", "active")]
LEASE, SETTLE_AFTER = 0.5, 0.5
CLOCKS_DIFFER = timedelta(seconds=0.05)
"""More than the estimate of the server's clock is wrong by."""


@dataclass(kw_only=True)
class Note(Record):
    """A record with all kinds of fields."""

    source: ClassVar[str] = "requests"

    owner: str = "a"
    key: str | None = None
    active: str | None = None
    text: str = ""
    facts: dict[str, Any] = field(default_factory=dict)
    history: list[dict[str, Any]] = field(default_factory=list)


class Notes(RecordStore[Note]):
    """Notes in MongoDB."""

    kind = Note


class Store(Records[Note], Outbox, Protocol):
    """The interface of both stores."""

    @property
    def clock(self) -> FakeClock | ServerClock:
        """The clock of the store."""

    confirmed: ConfirmedEvents
    on_emitted: Callable[[list[Envelope]], None]

    async def insert_many(self, records: list[Note]) -> list[str | None]:
        """Insert new records."""


@dataclass
class Place:
    """A store, and functions that let time pass for it."""

    store: Store
    documents: Callable[[str], Awaitable[Mapping[str, Any]]]
    lease_over: Callable[[], Awaitable[None]]
    settle_time: Callable[[], Awaitable[None]]

    async def filed(self, number: str = "n-1", count: int = 1) -> Note:
        """Store a note with that many events, and read it again."""
        note = Note(id=number)
        say(note, count)
        assert await self.store.insert_many([note]) == [None]
        return await self.read(number)

    async def read(self, number: str = "n-1") -> Note:
        """The note as it is stored."""
        found = await self.store.get(number)
        assert found is not None
        return found

    async def sent(self, number: str = "n-1") -> int:
        """The seq up to which the broker has confirmed."""
        return int((await self.documents(number))["sent"])

    async def unsent(self) -> list[tuple[str, int]]:
        """The records that a sweep finds now."""
        return [(envelope.subject, envelope.seq) for envelope in await self.store.claim_unsent(100)]

    async def unsettled(self, consumer: str = "routing", limit: int = 100) -> list[str]:
        """The records that a consumer would be asked about now; they are then marked as settled."""
        if (found := await self.store.next_range(consumer, limit)) is None:
            return []
        assert await self.store.move_watermark(consumer, found.since, found.upto)
        return sorted(found.records)


def say(note: Note, count: int = 1) -> None:
    """Emit that many events."""
    for _ in range(count):
        note.emit(events.RequestAnswered(citizen_id="c"), FakeClock().now())


@asynccontextmanager
async def in_memory(_: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """The store of unit tests; its clock is moved."""
    clock = FakeClock()
    store = MemoryStore(Note, clock, unique=UNIQUE, lease=LEASE, settle_after=SETTLE_AFTER)

    async def documents(number: str) -> Mapping[str, Any]:
        return store.documents[number]

    async def lease_over() -> None:
        clock.advance(seconds=LEASE + 0.1)

    async def settle_time() -> None:
        clock.advance(seconds=SETTLE_AFTER * 2.2)

    yield Place(store, documents, lease_over, settle_time)


@asynccontextmanager
async def in_mongo(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """The real store; tests wait."""
    url = request.getfixturevalue("servers").mongo_url
    async with connect(url, f"test_records_{secrets.token_hex(4)}") as database:
        clock = ServerClock(database)
        await clock.measure()
        store = Notes(database["notes"], clock, lease=LEASE, settle_after=SETTLE_AFTER)
        await store.create_indexes()
        for index in UNIQUE:
            await store.collection.create_index(
                [(name, ASCENDING) for name in index],
                unique=True,
                partialFilterExpression={index[-1]: {"$type": "string"}},
            )

        async def documents(number: str) -> Mapping[str, Any]:
            found = await store.collection.find_one({"_id": number})
            assert found is not None
            return found

        async def past(mark: str, seconds: float) -> None:
            """Wait until the server's clock has passed the mark of every record."""
            query = {mark: {"$exists": True}, "$expr": {"$gte": [f"${mark}", "$$NOW"]}}
            async with asyncio.timeout(seconds + 5):
                while await store.collection.count_documents(query):  # noqa: ASYNC110  # the server's clock has no bell
                    await asyncio.sleep(0.02)

        async def settle_time() -> None:
            """Wait until all records are due for settlement, and all questions may be repeated."""
            sent = await store.collection.distinct("sent_at")
            asked = await store.collection.database["watermarks"].distinct("ask_after")
            due = max([*(at + timedelta(seconds=SETTLE_AFTER) for at in sent), *asked], default=store.clock.now())
            async with asyncio.timeout(SETTLE_AFTER + 5):
                while store.clock.now() < due + CLOCKS_DIFFER:  # noqa: ASYNC110  # the server's clock has no bell
                    await asyncio.sleep(0.02)

        yield Place(store, documents, lambda: past("relay_after", LEASE), settle_time)
        await database.client.drop_database(database.name)
