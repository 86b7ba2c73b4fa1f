"""A gateway before fake services for each file of tests, and a browser for each test."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.responses import JSONResponse

from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.web.browser import GRANTED, Browser


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[tuple[str, FakeServices]]:
    """Its address, and the services."""
    played = FakeServices()
    async with gateway_before(played) as url:
        yield url, played


@pytest.fixture
def services(gateway: tuple[str, FakeServices]) -> FakeServices:
    """The services, which answer everything with a session."""
    played = gateway[1]
    played.answer = JSONResponse(GRANTED)
    played.seen.clear()
    return played


@pytest.fixture
async def browser(gateway: tuple[str, FakeServices], services: FakeServices) -> AsyncIterator[Browser]:
    """A browser that nobody is signed in with."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Browser(http, gateway[0])
