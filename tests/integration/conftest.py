"""Fixtures of the integration tests."""

import secrets
from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Servers
from shared.bus import Publisher, consumer_topology
from shared.events import EVENTS, stream_of
from shared.mongo import Database, ServerClock, connect
from tests.integration.identity_alone import VHOST, Identity, alone
from tests.integration.record_places import Place, in_memory, in_mongo
from tools.suites import own_vhost

CITIZENS = [event.type for event in EVENTS if stream_of(event) == "citizen"]


@pytest.fixture(scope="module")
async def publisher(environment: dict[str, str]) -> AsyncIterator[Publisher]:
    """A publisher in identity's virtual host; it makes the queue that citizens' events go to."""
    publisher = Publisher(await own_vhost(environment, VHOST), "test", consumer_topology("notifier", CITIZENS, (5.0,)))
    await publisher.open()
    yield publisher
    await publisher.close()


@pytest.fixture(scope="module")
async def identity(environment: dict[str, str], publisher: Publisher) -> AsyncIterator[Identity]:
    """Identity alone."""
    async with alone(environment) as identity:
        yield identity


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[Database]:
    """A new database, dropped afterwards."""
    async with connect(servers.mongo_url, f"test_{secrets.token_hex(6)}") as database:
        yield database
        await database.client.drop_database(database.name)


@pytest.fixture
async def clock(database: Database) -> ServerClock:
    """The clock of that database."""
    clock = ServerClock(database)
    await clock.measure()
    return clock


@pytest.fixture(params=[in_memory, in_mongo], ids=["memory", "mongo"])
async def place(request: pytest.FixtureRequest) -> AsyncIterator[Place]:
    """The store in memory and that on MongoDB, in turn."""
    async with request.param(request) as place:
        yield place
