"""A fresh page for each test of a script."""

from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser

from tests.web.scripts.stage import Stage


@pytest.fixture
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    """A page on a phone. No script of it may fail."""
    context = await browser.new_context(viewport={"width": 360, "height": 640}, ignore_https_errors=True)
    async with Stage(await context.new_page()) as stage:
        yield stage
    await context.close()
    assert stage.errors == []
