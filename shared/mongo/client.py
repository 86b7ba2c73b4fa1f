"""The one place where the driver is chosen and set up (docs/adr: motor behind one module).

Every write is majority-acknowledged and journaled, and every operation ends in time: a hung server is an
error within `TIMEOUT_MS`, not a stuck worker.
"""

import os
import time
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

# Motor runs each call in a thread; fewer threads than connections would make slow calls stall fast ones.
MAX_POOL = 24
os.environ.setdefault("MOTOR_MAX_WORKERS", str(MAX_POOL))

import pymongo  # noqa: E402
from motor.motor_asyncio import (  # noqa: E402
    AsyncIOMotorClient,
    AsyncIOMotorClientSession,
    AsyncIOMotorCollection,
    AsyncIOMotorDatabase,
    AsyncIOMotorGridFSBucket,
)
from pymongo.errors import (  # noqa: E402
    ConnectionFailure,
    ExecutionTimeout,
    NotPrimaryError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)

Document = dict[str, Any]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]

TIMEOUT_MS = 5000
LIST_SECONDS = 2.0
# The store did not answer, or not in time: the outcome is unknown, and trying again is right.
OUTAGES: tuple[type[BaseException], ...] = (
    ConnectionFailure,
    ExecutionTimeout,
    NotPrimaryError,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)


@asynccontextmanager
async def connect(url: str, database: str) -> AsyncIterator[Database]:
    """Open a service's own database. The server need not be there yet."""
    client: AsyncIOMotorClient[Document] = AsyncIOMotorClient(
        url,
        w="majority",
        journal=True,
        readConcernLevel="majority",
        retryWrites=True,
        timeoutMS=TIMEOUT_MS,
        serverSelectionTimeoutMS=3000,
        connectTimeoutMS=2000,
        maxPoolSize=MAX_POOL,
        waitQueueTimeoutMS=1000,
        tz_aware=True,
        tzinfo=UTC,
    )
    try:
        yield client[database]
    finally:
        client.close()


@asynccontextmanager
async def transaction(collection: Collection) -> AsyncIterator[AsyncIOMotorClientSession]:
    """Writes with this session are all there, or none is; leave by an exception to have none."""
    async with await collection.database.client.start_session() as session, session.start_transaction():
        yield session


def listing() -> AbstractContextManager[object]:
    """Reads of lists and searches within this context end in `LIST_SECONDS`, on the server too (maxTimeMS)."""
    return pymongo.timeout(LIST_SECONDS)


def text(value: str) -> Document:
    """The condition that a field equals a text, also where its index holds only texts (a partial one by `$type`).

    By the equal value alone the server does not see that such an index has the answer, and reads everything.
    """
    return {"$eq": str(value), "$type": "string"}


def file_bucket(database: Database, name: str, chunk_bytes: int) -> AsyncIOMotorGridFSBucket:
    """A GridFS bucket: the collections `<name>.files` and `<name>.chunks`, cut into chunks of that many bytes."""
    return AsyncIOMotorGridFSBucket(database, bucket_name=name, chunk_size_bytes=chunk_bytes)


class ServerClock:
    """The database server's time of day, carried on by this process's monotonic clock.

    Leases are compared with `$$NOW` on the server. Bulk writes cannot say `$$NOW`, so they stamp leases with
    this estimate, which a jump of the wall clock on this machine does not move.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._server: datetime | None = None
        self._measured = 0.0

    async def measure(self) -> None:
        """Ask the server for its time. Raises what `OUTAGES` lists."""
        before = time.monotonic()
        answer = await self._database.client.admin.command("hello")
        self._server = answer["localTime"].replace(tzinfo=UTC)  # commands are decoded without the zone
        self._measured = (before + time.monotonic()) / 2

    def now(self) -> datetime:
        """The server's time; this machine's until `measure` was called once."""
        if self._server is None:
            return datetime.now(UTC)
        return self._server + timedelta(seconds=time.monotonic() - self._measured)
