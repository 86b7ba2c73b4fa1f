"""Browsers with the whole suite: every test of pages gets people with windows of their own.

What is slow to make is made once: the browser, signed-in sessions, requests in every state.
"""

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright, expect

from deploy.local.browser import program
from deploy.local.servers import Servers
from tests.time_travel import TimeTravel
from tests.web.looking import Inspector
from tests.web.person import PATIENCE_MS, People, Sessions
from tests.web.prepared import Prepared, prepare
from tools.portal import Portal

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")
expect.set_options(timeout=PATIENCE_MS)  # else five seconds, in which a busy browser has not encoded a photo


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    chromium = program()
    if chromium is None:
        left_out = pytest.fail if os.environ.get("RABTA_NEEDS_CHROMIUM") == "1" else pytest.skip
        left_out("there is no chromium here: apt-get install chromium-headless-shell fonts-noto-core")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        await started.close()


@pytest.fixture(scope="session")
def sessions(portal: Portal) -> Sessions:
    """Sessions that tests share."""
    return Sessions(portal)


@pytest.fixture(scope="session")
async def prepared_once(portal: Portal, servers: Servers) -> Prepared:
    """Requests in every state, made once."""
    return await prepare(portal, TimeTravel(servers))


@pytest.fixture
async def prepared(portal: Portal, prepared_once: Prepared) -> Prepared:
    """Requests in every state. Tests must not change them."""
    for citizen in (prepared_once.citizen, prepared_once.newcomer):
        await portal.renew(citizen)
    return prepared_once


@pytest.fixture
async def people(browser: Browser, portal: Portal, sessions: Sessions) -> AsyncIterator[People]:
    """People with browsers; their windows are closed afterwards."""
    people = People(browser, portal, sessions)
    yield people
    await people.leave()


@pytest.fixture(scope="session")
def inspector() -> Inspector:
    """One for all pages."""
    return Inspector()
