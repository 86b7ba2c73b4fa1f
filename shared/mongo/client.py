"""Setup of the MongoDB driver (docs/adr: motor behind one module).

Every write is majority-acknowledged and journaled, and every operation times out after `TIMEOUT_MS`.
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
    OperationFailure,
    ServerSelectionTimeoutError,
    WaitQueueTimeoutError,
    WTimeoutError,
)

Document = dict[str, Any]
Database = AsyncIOMotorDatabase[Document]
Collection = AsyncIOMotorCollection[Document]

TIMEOUT_MS = 5000
LIST_SECONDS = 2.0
NO_COLLECTION, NO_INDEX = 26, 27
# The server did not answer in time: the outcome is unknown, and a retry is right.
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
    """Open a service's own database. The server may start later."""
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
    """A session whose writes are committed together, or rolled back when the context ends by an exception."""
    async with await collection.database.client.start_session() as session, session.start_transaction():
        yield session


async def drop_indexes(collection: Collection, *names: str) -> None:
    """Drop indexes of an earlier version, where they still are."""
    for name in names:
        try:
            await collection.drop_index(name)
        except OperationFailure as error:
            if error.code not in (NO_COLLECTION, NO_INDEX):
                raise


async def index_where(
    collection: Collection, name: str, kind: str, *more: tuple[str, int], unique: bool = False
) -> None:
    """Create an index of the documents whose field `name` has a value of this type (`$type`), and of no others."""
    options: Document = {"partialFilterExpression": {name: {"$type": kind}}} | ({"unique": True} if unique else {})
    await collection.create_index([(name, 1), *more], **options)


def listing() -> AbstractContextManager[object]:
    """Reads of lists and searches within this context end in `LIST_SECONDS`, on the server too (maxTimeMS)."""
    return pymongo.timeout(LIST_SECONDS)


def text(value: str) -> Document:
    """The condition that a field equals a text, in a form that can use a partial index of texts (by `$type`).

    For a plain equality the server would not use such an index, and would scan the collection.
    """
    return {"$eq": str(value), "$type": "string"}


def file_bucket(database: Database, name: str, chunk_bytes: int) -> AsyncIOMotorGridFSBucket:
    """A GridFS bucket: the collections `<name>.files` and `<name>.chunks`, cut into chunks of that many bytes."""
    return AsyncIOMotorGridFSBucket(database, bucket_name=name, chunk_size_bytes=chunk_bytes)


class ServerClock:
    """An estimate of the database server's time, by this process's monotonic clock.

    Leases are compared with `$$NOW` on the server. Bulk writes cannot use `$$NOW`, so they set leases by this
    estimate, which does not depend on this machine's wall clock.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._server: datetime | None = None
        self._measured = 0.0

    async def measure(self) -> None:
        """Ask the server for its time. Raises one of `OUTAGES`."""
        before = time.monotonic()
        answer = await self._database.client.admin.command("hello")
        self._server = answer["localTime"].replace(tzinfo=UTC)  # commands are decoded without the zone
        self._measured = (before + time.monotonic()) / 2

    def now(self) -> datetime:
        """The server's time; this machine's time before the first `measure`."""
        if self._server is None:
            return datetime.now(UTC)
        return self._server + timedelta(seconds=time.monotonic() - self._measured)
