"""Fixtures of the integration tests."""

from collections.abc import AsyncIterator

import pytest

from shared.bus import Publisher, consumer_topology
from shared.events import EVENTS, stream_of
from tests.integration.identity_alone import VHOST, Identity, alone
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
