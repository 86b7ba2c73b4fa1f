"""A gateway before fake services, for each test."""

from collections.abc import AsyncIterator

import aiohttp
import pytest

from tests.unit.gateway.fake_services import FakeServices, gateway_before


@pytest.fixture
def services() -> FakeServices:
    """All services."""
    return FakeServices()


@pytest.fixture
async def url(services: FakeServices) -> AsyncIterator[str]:
    """The gateway."""
    async with gateway_before(services) as url:
        yield url


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    """A client that follows no redirects."""
    async with aiohttp.ClientSession() as session:
        yield session
