"""Stores of records for one suite of tests: the one in memory and the real MongoDB, and how time passes for each."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, timedelta
from typing import Any, ClassVar, Protocol

import pytest
from pymongo import ASCENDING

from shared import events
from shared.envelope import Envelope
from shared.mongo import RecordStore, ServerClock, connect
from shared.records import Outbox, Record, Records
from tests.fakes import FakeClock, MemoryStore

UNIQUE = [("owner", "key"), ("owner", "active")]
LEASE, SETTLE_AFTER = 0.5, 0.5


@dataclass(kw_only=True)
class Note(Record):
    """A record with the kinds of fields that ours have."""

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
    """What both stores offer."""

    @property
    def clock(self) -> FakeClock | ServerClock:
        """What it reads the time from."""

    on_emitted: Callable[[list[Envelope]], None]

    async def insert_many(self, records: list[Note]) -> list[str | None]:
        """Insert new records."""


@dataclass
class Place:
    """A store, and how time passes for it."""

    store: Store
    documents: Callable[[str], Awaitable[Mapping[str, Any]]]
    lease_over: Callable[[], Awaitable[None]]
    settle_time: Callable[[], Awaitable[None]]

    async def filed(self, number: str = "n-1", count: int = 1) -> Note:
        """A stored note that has said so many things, as it is read again."""
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
        """Up to which seq the broker has confirmed."""
        return int((await self.documents(number))["sent"])

    async def unsent(self) -> list[tuple[str, int]]:
        """What a sweep finds now."""
        return [(envelope.subject, envelope.seq) for envelope in await self.store.claim_unsent(100)]

    async def unsettled(self, consumer: str = "routing", limit: int = 100) -> list[str]:
        """Which records a consumer is to be asked for now; it is told to have them all."""
        if (found := await self.store.next_range(consumer, limit)) is None:
            return []
        assert await self.store.move_watermark(consumer, found.since, found.upto)
        return sorted(found.records)


def say(note: Note, count: int = 1) -> None:
    """Say so many things."""
    for _ in range(count):
        note.emit(events.RequestAnswered(citizen_id="c"), FakeClock().now())


@asynccontextmanager
async def in_memory(_: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """The store of unit tests; time is moved."""
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
    """The real store; time passes."""
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
            """Wait until the server's clock has passed every mark (there is none, or it is over)."""
            query = {mark: {"$exists": True}, "$expr": {"$gte": [f"${mark}", "$$NOW"]}}
            async with asyncio.timeout(seconds + 5):
                while await store.collection.count_documents(query):  # noqa: ASYNC110  # the server's clock has no bell
                    await asyncio.sleep(0.02)

        async def settle_time() -> None:
            """Wait until every stamp is due to be asked for, and every question to be asked again."""
            now = await store.collection.database.client.admin.command("hello")
            until = now["localTime"].replace(tzinfo=UTC) + timedelta(seconds=SETTLE_AFTER * 2.2)
            async with asyncio.timeout(SETTLE_AFTER + 5):
                while store.clock.now() < until:  # noqa: ASYNC110  # the server's clock has no bell
                    await asyncio.sleep(0.02)

        yield Place(store, documents, lambda: past("relay_after", LEASE), settle_time)
        await database.client.drop_database(database.name)
