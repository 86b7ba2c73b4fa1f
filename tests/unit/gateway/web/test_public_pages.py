"""The public pages with fake services: caching, no digits in addresses, helpful errors."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from gateway.web.public.start import ISSUES
from gateway.web.session import WebSession
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.web.browser import Browser, form_of

NUMBER = "RB-7F3K-9Q2M-E"
WATER = {
    "code": "water-leak",
    "kind": "complaint",
    "name": {"en": "Water main leaking", "ur": "پانی کا رساؤ"},
    "summary": {"en": "Tell us of a leak.", "ur": "رساؤ کی اطلاع دیں۔"},
    "department": "water",
    "fee": {"amount": 0},
    "due": {"days": 3, "calendar": "working"},
    "anonymous": False,
}
TRACKED = {
    "number": NUMBER,
    "service": "water-leak",
    "kind": "complaint",
    "state": "accepted",
    "stage": "processing",
    "department": "Water <b>Supply</b>",
    "submitted_at": "2026-03-02T09:00:00.000Z",
    "changed_at": "2026-03-02T10:00:00.000Z",
    "due_at": "2096-03-09T04:00:00.000Z",
    "due_paused": False,
    "expected": {"by": "2096-03-09T04:00:00.000Z"},
    "outcome": None,
    "history": [
        {"n": 1, "action": "submit", "state": "submitted", "at": "2026-03-02T09:00:00.000Z"},
        {"n": 2, "action": "pass", "state": "verifying", "at": "2026-03-02T09:00:00.000Z"},
        {"n": 3, "action": "route", "state": "routed", "at": "2026-03-02T09:00:01.000Z"},
        {"n": 4, "action": "accept", "state": "accepted", "at": "2026-03-02T10:00:00.000Z"},
    ],
}
DEPARTMENT = {"code": "water", "name": "Water Supply", "head": "Engineer", "districts": []}


class Town(FakeServices):
    """A catalogue of one service, its department, and one request with the digits 4567."""

    refusal: tuple[int, str, dict[str, str]] | None = None
    tracked: dict[str, Any] = TRACKED

    async def _any(self, request: Request) -> Response:
        self.seen.append(request)
        path, query = request.url.path, request.query_params
        if self.refusal:
            status, code, headers = self.refusal
            return problem(status, code, headers)
        if path.startswith(f"/api/v1/track/{NUMBER}"):
            right = query.get("mobile") == "4567"
            return JSONResponse(self.tracked) if right else problem(404, "not-found")
        known: dict[str, Any] = {
            "/api/v1/catalogue": {"services": [] if query.get("q") == "nothing" else [WATER], "districts": {}},
            "/api/v1/departments": {"departments": [DEPARTMENT]},
            "/api/v1/catalogue/water-leak": WATER,
        }
        return JSONResponse(known[path]) if path in known else problem(404, "not-found")


def problem(status: int, code: str, headers: dict[str, str] | None = None) -> Response:
    """A problem of a service."""
    body = {"type": f"/problems/{code}", "title": "Title", "status": status, "detail": "Detail."}
    return JSONResponse(body, status, headers, media_type="application/problem+json")


@pytest.fixture(scope="module")
async def gateway() -> AsyncIterator[tuple[str, Town]]:
    town = Town()
    async with gateway_before(town, helpline="0800 00000") as url:
        yield url, town


@pytest.fixture
def town(gateway: tuple[str, Town]) -> Town:
    played = gateway[1]
    played.refusal = None
    played.seen.clear()
    return played


@pytest.fixture
async def browser(gateway: tuple[str, Town], town: Town) -> AsyncIterator[Browser]:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        yield Browser(http, gateway[0])


PUBLIC = ("/", "/services", "/departments/water", "/track", "/help", "/help/delay", "/prove", "/privacy", "/published")


@pytest.mark.parametrize("path", PUBLIC)
async def test_public_page_is_cacheable_and_sets_no_cookie(browser: Browser, path: str) -> None:
    answer, html = await browser.get(path)
    assert answer.status == 200, html
    assert "Set-Cookie" not in answer.headers
    again, _ = await browser.get(path, If_None_Match=answer.headers["ETag"])
    assert again.status == 304


async def test_start_page_links_to_the_main_tasks(browser: Browser) -> None:
    _, html = await browser.get("/")
    for part in ('action="/services"', "/services?kind=application", "/services?kind=complaint", 'action="/track"'):
        assert part in html
    assert 'href="tel:080000000"' in html
    assert 'href="/departments/water"' in html


async def test_each_problem_has_three_steps_and_a_link(browser: Browser) -> None:
    _, overview = await browser.get("/help")
    for issue in ISSUES:
        assert f'href="/help/{issue}"' in overview
        _, html = await browser.get(f"/help/{issue}")
        first, *others = html.split('class="numq"')[1:]
        assert len(others) == 2
        assert "<a href=" in first


async def test_ur_redirects_to_the_urdu_start_page(browser: Browser) -> None:
    answer, _ = await browser.get("/ur")
    assert (answer.status, answer.headers["Location"]) == (308, "/ur/")


async def test_search_without_result_offers_a_next_step(browser: Browser) -> None:
    answer, html = await browser.get("/services?q=nothing&kind=complaint")
    assert answer.status == 200
    for part in ("Nothing was found", 'href="/services?q=nothing"', 'href="/departments/water"', "0800 00000"):
        assert part in html


async def test_searched_words_are_escaped(browser: Browser) -> None:
    _, html = await browser.get("/services?q=%22%3E%3Cscript%3E")
    assert "<script>" not in html


async def test_tracking_keeps_the_digits_out_of_addresses(browser: Browser) -> None:
    answer, _ = await browser.post("/ur/track", {"number": NUMBER, "digits": "۴۵۶۷"})
    assert (answer.status, answer.headers["Location"]) == (303, f"/ur/track/{NUMBER}")
    answer, html = await browser.get(f"/track/{NUMBER}")
    assert answer.status == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert "4567" not in html
    assert "Water &lt;b&gt;Supply&lt;/b&gt;" in html
    assert "Accepted" in html


async def test_shared_address_asks_for_the_digits(browser: Browser, town: Town) -> None:
    answer, html = await browser.get(f"/track/{NUMBER}")
    assert answer.status == 200
    assert 'name="digits"' in html
    assert town.seen == []
    answer, _ = await browser.post(f"/track/{NUMBER}", {"digits": "4567"})
    assert answer.status == 303
    for path in ("live", "proof"):
        strangers = Browser(browser.http, browser.url)
        answer, _ = await strangers.get(f"/track/{NUMBER}/{path}")
        assert answer.status in (303, 404)


async def test_wrong_digits_and_wrong_number_look_the_same(browser: Browser) -> None:
    pages = [await browser.post("/track", {"number": number, "digits": "1234"}) for number in (NUMBER, "RB-1")]
    assert [answer.status for answer, _ in pages] == [404, 404]
    told = [html.replace(NUMBER, "RB-1") for _, html in pages]
    assert told[0] == told[1]
    assert 'role="alert"' in told[0]


async def test_outdated_digits_are_asked_for_again(browser: Browser) -> None:
    browser.session = WebSession(digits={NUMBER: "0000"})
    answer, html = await browser.get(f"/track/{NUMBER}")
    assert answer.status == 200
    assert 'name="digits"' in html
    assert browser.session.digits == {}


async def test_too_many_attempts_name_the_waiting_time(browser: Browser, town: Town) -> None:
    town.refusal = (429, "digits-locked-here", {"Retry-After": "90"})
    answer, html = await browser.post("/track", {"number": NUMBER, "digits": "1234"})
    assert (answer.status, answer.headers["Retry-After"]) == (429, "90")
    assert "Title. Detail." in html  # which hold the time
    assert f'value="{NUMBER}"' in html


@pytest.mark.parametrize(("code", "offered"), [("account-locked", True), ("network-failures", False)])
async def test_locked_account_is_offered_a_new_password(browser: Browser, town: Town, code: str, offered: bool) -> None:
    form = await form_of(browser, "/sign-in")
    town.refusal = (429, code, {"Retry-After": "90"})
    _, html = await browser.post("/sign-in", {**form, "login": "3520212345671", "password": "x"})
    assert "Title. Detail." in html
    assert ("With a new password you can sign in at once." in html) is offered


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (403, "forbidden", "Is this the right account?"),
        (404, "not-found", "Page not found"),
        (429, "too-many-requests", "Nothing is lost."),
        (500, "internal", "It is our fault, not yours."),
        (503, "unavailable", "Sending it twice does not file it twice."),
        (504, "unavailable", "say this code"),
    ],
)
async def test_error_page_says_what_to_do(browser: Browser, town: Town, status: int, code: str, words: str) -> None:
    town.refusal = (status, code, {"Retry-After": "5"} if status in (429, 503) else {})
    answer, html = await browser.get("/services")
    assert answer.status == status
    assert words in html
    assert answer.headers["Cache-Control"] == "no-store"


async def test_unexpected_error_is_a_page_and_loses_nothing(browser: Browser, town: Town) -> None:
    town.tracked = {"number": NUMBER}  # what no page expects
    browser.session = WebSession(digits={NUMBER: "4567"})
    try:
        answer, html = await browser.get(f"/ur/track/{NUMBER}")
    finally:
        town.tracked = TRACKED
    assert answer.status == 500
    assert 'lang="ur"' in html
    assert "Traceback" not in html
    assert browser.session.digits == {NUMBER: "4567"}


@pytest.mark.parametrize("language", ["", "/ur"])
async def test_manifest_icon_and_robots_are_served(browser: Browser, language: str) -> None:
    answer, text = await browser.get(f"{language}/manifest.webmanifest")
    assert answer.content_type == "application/manifest+json"
    assert f'"start_url": "{language}/"' in text
    icon, _ = await browser.get("/favicon.ico")
    assert (await browser.get(icon.headers["Location"]))[0].content_type == "image/svg+xml"
    _, robots = await browser.get("/robots.txt")
    assert f"Disallow: {language}/track/" in robots
