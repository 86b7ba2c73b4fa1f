"""Registering, and a forgotten password, with fake services."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.responses import JSONResponse

from gateway.web.citizen.account.registration import FIELDS
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.web.browser import Browser, form_of

PENDING = {"next": "otp", "sent_by": "sms", "resend_after": 30, "channels": ["sms"], "sms_after": None}
SENT = {"channel": "sms", "sent_at": "2026-03-02T08:58:00Z", "delivered_at": None}


@pytest.fixture
async def services() -> FakeServices:
    """Services for which every code is pending."""
    return FakeServices(JSONResponse({**PENDING, "registration": "r" * 40, "challenge": "c" * 40, "sends": [SENT]}))


@pytest.fixture
async def browser(services: FakeServices) -> AsyncIterator[Browser]:
    """The browser of a visitor."""
    async with gateway_before(services) as url, aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Browser(http, url)


async def register(browser: Browser, services: FakeServices) -> dict[str, str]:
    """Register; returns the body that the service received."""
    await browser.post("/register/check", {**await form_of(browser, "/register/check"), "password": "a long password"})
    sent = [body for request, body in zip(services.seen, services.bodies, strict=True) if request.method == "POST"]
    return dict(json.loads(sent[-1]))


async def test_registration_continues_with_another_mobile(browser: Browser, services: FakeServices) -> None:
    await browser.get("/register")
    browser.session.steps["register"] = dict.fromkeys(FIELDS, "told")
    assert "instead_of" not in await register(browser, services)
    _, html = await browser.get("/register/code")
    assert 'href="/register/mobile">use another mobile number</a>' in html
    assert "The SMS was sent" not in html  # where the number is taken none was
    assert "You asked for it at" in html
    assert (await register(browser, services))["instead_of"] == "r" * 40


async def test_reset_needs_cnic_and_mobile(browser: Browser, services: FakeServices) -> None:
    form = await form_of(browser, "/reset")
    answer, html = await browser.post("/reset", {**form, "cnic": "35202-1234567-2", "mobile": ""})
    assert (answer.status, services.bodies) == (422, [])
    assert "Write your mobile number." in html
    answer, _ = await browser.post("/reset", {**form, "cnic": "35202-1234567-2", "mobile": "0300 1234567"})
    assert json.loads(services.bodies[0]) == {"cnic": "35202-1234567-2", "mobile": "0300 1234567"}
