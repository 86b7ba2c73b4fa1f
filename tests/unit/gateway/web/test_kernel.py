"""From a request to a page with fake services: sessions, forged forms, and no lost text."""

import re

import pytest
from starlette.responses import JSONResponse, Response

from gateway.web.session import WebSession
from tests.unit.gateway.fake_services import FakeServices
from tests.unit.gateway.web.browser import GRANTED, REFUSED, Browser, field_of, form_of, signed_in


async def test_page_has_the_language_of_its_address(browser: Browser) -> None:
    for path, head in (("/sign-in", '<html lang="en" dir="ltr">'), ("/ur/sign-in", '<html lang="ur" dir="rtl">')):
        answer, html = await browser.get(path)
        assert answer.status == 200
        assert head in html


async def test_not_found_page_has_the_language_of_its_address(browser: Browser) -> None:
    for path, head in (("/nowhere", 'lang="en"'), ("/ur/nowhere", 'lang="ur"'), ("/a%20b", 'lang="en"')):
        answer, html = await browser.get(path)
        assert answer.status in (400, 404)
        assert answer.content_type == "text/html"
        assert head in html
    answer, _ = await browser.get("/api/v1/nowhere")
    assert answer.content_type == "application/problem+json"


async def test_method_not_allowed_is_a_page(browser: Browser) -> None:
    answer, html = await browser.post("/help", {"a": "b"})
    assert answer.status == 405
    assert "<h1" in html


async def test_form_of_another_site_is_refused(browser: Browser, services: FakeServices) -> None:
    form = await form_of(browser, "/sign-in")
    services.seen.clear()
    for headers in ({"Sec_Fetch_Site": "cross-site"}, {"Sec_Fetch_Site": "same-site"}):
        answer, _ = await browser.post("/sign-in", {**form, "login": "a", "password": "b"}, **headers)
        assert answer.status == 403
    assert services.seen == []


async def test_form_with_a_foreign_token_does_nothing(browser: Browser, services: FakeServices) -> None:
    form = await form_of(browser, "/sign-in")
    browser.session = WebSession(form="cd" * 16)
    services.seen.clear()
    answer, html = await browser.post("/sign-in", {**form, "login": "35202", "password": "secret"})
    assert answer.status == 409
    assert services.seen == []
    assert field_of(html, "login") == "35202"
    assert "secret" not in html


async def test_typed_text_survives_an_unavailable_service(browser: Browser, services: FakeServices) -> None:
    form = await form_of(browser, "/sign-in")
    services.answer = Response(status_code=503)
    answer, html = await browser.post("/sign-in", {**form, "login": '<b>"35202"</b>', "password": "x"})
    assert answer.status == 503
    assert "&lt;b&gt;&#34;35202&#34;&lt;/b&gt;" in html
    assert field_of(html, "_key") == form["_key"]


async def test_refused_form_is_shown_again_with_its_errors(browser: Browser, services: FakeServices) -> None:
    form = await form_of(browser, "/reset")
    services.seen.clear()
    answer, html = await browser.post("/reset", {**form, "cnic": "35202", "mobile": ""})
    assert (answer.status, services.seen) == (422, [])
    assert "Write your mobile number." in html
    error = {"pointer": "/cnic", "code": "format", "message": "That is no CNIC."}
    services.answer = JSONResponse({**REFUSED, "type": "/problems/invalid", "errors": [error]}, 409)
    answer, html = await browser.post("/reset", {**form, "cnic": "35202", "mobile": "0300"})
    assert (answer.status, field_of(html, "cnic")) == (409, "35202")
    assert "That is no CNIC." in html
    assert field_of(html, "_key") != form["_key"]  # the corrected form is another request


async def test_changing_the_language_keeps_the_typed_text(browser: Browser, services: FakeServices) -> None:
    form = await form_of(browser, "/sign-in")
    services.seen.clear()
    answer, html = await browser.post("/ur/sign-in", {**form, "login": "35202", "_show": "1"})
    assert answer.status == 200
    assert field_of(html, "login") == "35202"
    assert '<html lang="ur"' in html
    assert services.seen == []


async def test_private_page_asks_to_sign_in_and_returns(browser: Browser) -> None:
    answer, _ = await browser.get("/ur/my?q=a")
    assert answer.status == 303
    assert answer.headers["Location"] == "/ur/sign-in?next=%2Fmy%3Fq%3Da"
    answer, _ = await browser.get("/desk")
    assert answer.headers["Location"].startswith("/staff/sign-in?")


@pytest.mark.parametrize(
    "address", ["//evil.example", "https://evil.example", "/\\evil.example", "/my\r\nX: y", "javascript:alert(1)"]
)
async def test_signing_in_never_redirects_to_another_site(
    browser: Browser, services: FakeServices, address: str
) -> None:
    form = await form_of(browser, "/sign-in")
    answer, _ = await browser.post("/sign-in", {**form, "login": "a", "password": "b", "next": address})
    assert answer.status == 303
    assert answer.headers["Location"] == "/my"
    assert browser.session.signed_in is not None


async def test_pages_of_another_role_are_forbidden(browser: Browser) -> None:
    browser.session = WebSession(signed_in=signed_in())
    answer, _ = await browser.get("/desk")
    assert answer.status == 403


async def test_expiring_tokens_are_renewed_once(browser: Browser, services: FakeServices) -> None:
    browser.session = WebSession(form="ab" * 16, signed_in=signed_in(access_until=0.0, name="Gul"))
    services.answer = JSONResponse(GRANTED)
    answer, _ = await browser.post("/sign-out", {"_token": "x"})
    assert answer.status in (303, 409)
    assert [request.url.path for request in services.seen][:1] == ["/api/v1/sessions/refresh"]
    kept = browser.session.signed_in
    assert kept is None or (kept.refresh_token == GRANTED["refresh_token"] and kept.name == "Gul")


async def test_unsent_form_returns_after_signing_in(browser: Browser, services: FakeServices) -> None:
    browser.session = WebSession(form="ab" * 16, signed_in=signed_in(access_until=0.0))
    services.answer = JSONResponse(REFUSED, 401)
    answer, html = await browser.post("/my/requests/RB-1/answer", {"answer": "At the gate", "_key": "ab" * 16})
    assert answer.status == 200
    assert "At the gate" not in html  # sealed, since the next person at this screen may be another
    waiting = {name: field_of(html, name) for name in ("_token", "_key", "_resume")}
    services.answer = JSONResponse(GRANTED)
    answer, html = await browser.post("/sign-in", {**waiting, "login": "a", "password": "b"})
    assert field_of(html, "answer") == "At the gate"
    assert 'action="/my/requests/RB-1/answer"' in html


async def test_longest_form_returns_after_signing_in(browser: Browser, services: FakeServices) -> None:
    admin = {"role": "admin", "account": GRANTED["account"]["id"]}
    browser.session = WebSession(form="ab" * 16, signed_in=signed_in(access_until=0.0, **admin))
    services.answer = JSONResponse(REFUSED, 401)
    _, html = await browser.post("/admin/services/new", {"summary.en": "a" * 500_000})
    waiting = {name: field_of(html, name) for name in ("_token", "_resume")}
    services.answer = JSONResponse(GRANTED)
    _, html = await browser.post("/staff/sign-in", {**waiting, "login": "a", "password": "b"})
    assert field_of(html, "summary.en") == "a" * 500_000


async def test_unsent_form_is_not_shown_to_another_account(browser: Browser, services: FakeServices) -> None:
    browser.session = WebSession(form="ab" * 16, signed_in=signed_in(access_until=0.0, account="b" * 32))
    services.answer = JSONResponse(REFUSED, 401)
    _, html = await browser.post("/my/requests/RB-1/answer", {"answer": "At the gate"})
    waiting = {name: field_of(html, name) for name in ("_token", "_key", "_resume")}
    services.answer = JSONResponse(GRANTED)
    answer, html = await browser.post("/sign-in", {**waiting, "login": "a", "password": "b"})
    assert answer.status == 303
    assert "At the gate" not in html


async def test_huge_form_is_answered_with_a_page(browser: Browser) -> None:
    form = await form_of(browser, "/register")
    answer, html = await browser.post("/register", {**form, "name": "a" * 200_000})
    assert answer.status == 413
    assert "<h1" in html


async def test_static_files_are_cached_and_compressed(browser: Browser) -> None:
    _, html = await browser.get("/sign-in")
    address = re.search(r'href="(/static/style\.[0-9a-f]+\.css)"', html)
    assert address
    answer, _ = await browser.get(address[1], Accept_Encoding="gzip")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    again, _ = await browser.get(address[1], If_None_Match=answer.headers["ETag"])
    assert again.status == 304


async def test_public_page_is_revalidated(browser: Browser) -> None:
    answer, _ = await browser.get("/")
    again, body = await browser.get("/", If_None_Match=answer.headers["ETag"])
    assert (again.status, body) == (304, "")
    assert "Set-Cookie" not in answer.headers


async def test_private_pages_are_not_stored(browser: Browser) -> None:
    browser.session = WebSession(signed_in=signed_in())
    answer, _ = await browser.get("/help")
    assert answer.headers["Cache-Control"] == "no-store"
    browser.session = WebSession()
    answer, _ = await browser.get("/sign-in")
    assert answer.headers["Cache-Control"] == "no-store"
