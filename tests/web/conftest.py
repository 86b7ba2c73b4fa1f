"""Browsers before the whole suite: every test of pages gets people with pages of their own."""

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, async_playwright

from deploy.local.browser import program
from tests.portal import Portal
from tests.web.person import People

FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync")


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium."""
    chromium = program()
    if chromium is None:
        left_out = pytest.fail if os.environ.get("RABTA_NEEDS_CHROMIUM") == "1" else pytest.skip
        left_out("there is no chromium here: apt-get install chromium fonts-noto-core")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        await started.close()


@pytest.fixture
async def people(browser: Browser, portal: Portal) -> AsyncIterator[People]:
    """People who open pages; their windows are closed afterwards."""
    people = People(browser, portal)
    yield people
    await people.leave()
