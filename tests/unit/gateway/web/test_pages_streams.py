"""What scripts need of pages: streams with the cookie, and the next address after sending a form."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace

import aiohttp
import pytest

from gateway.web.session import form_token
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.web.browser import Browser, signed_in


@pytest.fixture
async def gateway() -> AsyncIterator[tuple[str, FakeServices]]:
    """A gateway for this file, because streams are counted."""
    played = FakeServices()
    async with gateway_before(played) as url:
        yield url, played


@pytest.fixture
async def browser(gateway: tuple[str, FakeServices]) -> AsyncIterator[Browser]:
    """A browser."""
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Browser(http, gateway[0])


@pytest.mark.parametrize(
    ("role", "department", "page", "read"),
    [
        ("citizen", None, "/my/live", "/api/v1/requests/updates"),
        ("officer", "works", "/desk/live", "/api/v1/assignments/updates"),
    ],
)
async def test_stream_of_a_page_begins_at_the_time_of_the_page(
    browser: Browser, gateway: tuple[str, FakeServices], role: str, department: str | None, page: str, read: str
) -> None:
    me = signed_in()
    browser.session.signed_in = replace(me, role=role, department=department)
    sent = browser._sent({})
    async with browser.http.get(f"{browser.url}{page}?since=1780000000000", headers=sent) as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream")
        asked = gateway[1].seen[-1]
        assert (asked.url.path, asked.query_params["after"]) == (read, "1780000000000")
        assert asked.headers["authorization"] == f"Bearer {me.access_token}"
    again = {**sent, "Last-Event-ID": "1780000000009-x"}
    async with browser.http.get(f"{browser.url}{page}?since=1780000000000", headers=again) as answer:
        assert answer.status == 200
        assert gateway[1].seen[-1].query_params["after"] == "1780000000009-x"


async def test_without_session_there_is_no_stream_and_no_json(browser: Browser) -> None:
    answer, _ = await browser.get("/desk/live")
    assert answer.status == 303
    assert answer.headers["Location"].startswith("/staff/sign-in")


async def test_script_gets_the_next_address_instead_of_a_redirect(browser: Browser) -> None:
    browser.session.signed_in = signed_in()
    _, html = await browser.get("/help")
    token = form_token(browser.session)
    answer, _ = await browser.post("/sign-out", {"_token": token}, X_Requested_With="script")
    assert (answer.status, answer.headers["Location"]) == (204, "/")
    assert browser.session.signed_in is None
    assert browser.session.note == "You are signed out."
    assert 'data-idle-until="4000000000"' in html
    assert re.search(r'data-now="\d{10}"', html)
