"""Hostile input costs the gateway no time and opens nothing."""

import time
from collections.abc import Mapping
from typing import cast

import aiohttp
import pytest
from starlette.responses import JSONResponse

from gateway.limits import Limits
from gateway.proxy import Proxy
from gateway.routes import RouteTable
from gateway.web.department.acting import SEEN
from gateway.web.portal import Portal, RefusedError
from gateway.web.session import WebSession, form_token
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.web.browser import COOKIES, OURS, REFUSED, Browser, form_of, signed_in

PART = 'Content-Disposition: form-data; name="{}"'


async def send_parts(browser: Browser, path: str, parts: Mapping[str, bytes], charset: str = "") -> int:
    """The status of a form in parts, each with its own head."""
    body = b"".join(b"--x\r\n" + head.encode() + b"\r\n\r\n" + value + b"\r\n" for head, value in parts.items())
    kind = f"multipart/form-data; boundary=x{f'; charset={charset}' if charset else ''}"
    cookie = COOKIES.write(browser.session).partition(";")[0]
    headers = {**OURS, "Content-Type": kind, "Cookie": cookie}
    whole = body + b"--x--\r\n"
    async with browser.http.post(browser.url + path, data=whole, headers=headers, allow_redirects=False) as answer:
        return answer.status


@pytest.mark.parametrize(
    ("charset", "content"),
    [("punycode", b"a-" + b"b" * 60_000), ("unicode_escape", b"\\ud800"), ("idna", b"xn--9b9b")],
)
async def test_form_cannot_choose_its_charset(browser: Browser, charset: str, content: bytes) -> None:
    """Some decoders need minutes for a megabyte; others produce text that cannot be encoded."""
    began = time.process_time()
    assert await send_parts(browser, "/prove", {PART.format("receipt"): content}, charset) == 400
    assert time.process_time() - began < 0.5


async def test_text_has_a_limit_of_its_own_besides_files(browser: Browser) -> None:
    browser.session = WebSession(form="ab" * 16, signed_in=signed_in())
    parts = {PART.format(f"a{n}"): b"a" * 400_000 for n in range(3)}
    assert await send_parts(browser, "/apply/draft/d1/files", parts) == 413
    large = {f"a{n}": "a" * 400_000 for n in range(3)}
    answer, _ = await browser.post("/apply/draft/d1/files", large)
    assert answer.status == 413


@pytest.mark.parametrize("kind", ["image/png\nX-Role: admin", "image/\x01"])
async def test_no_field_can_inject_a_header(browser: Browser, services: FakeServices, kind: str) -> None:
    browser.session = WebSession(signed_in=signed_in())
    parts = {
        PART.format("_token"): form_token(browser.session).encode(),
        f'{PART.format("file")}; filename="a.png"\r\nContent-Type: {kind}': b"a",
    }
    assert await send_parts(browser, "/my/requests/RB-1/files", parts) == 303
    [sent] = services.seen
    assert (sent.headers["content-type"], sent.headers.get("x-role")) == ("application/octet-stream", None)


@pytest.mark.parametrize("revision", ['"1\nX-Role: admin', '"1"\x01', "۱"])
async def test_hidden_field_cannot_break_a_header(revision: str) -> None:
    portal = Portal(cast(Proxy, None), RouteTable(), Limits({}), {}, "en", "a" * 32, "192.0.2.1")
    with pytest.raises(RefusedError) as refused:
        await portal.post("/api/v1/assignments/RB-7F3K-9Q2M-E/accept", {}, revision=revision)
    assert refused.value.status == 400


@pytest.mark.parametrize("seen", ["²", "9" * 5000, "", "-1", "٣"])
def test_only_digits_are_a_number_of_steps(seen: str) -> None:
    assert not SEEN.fullmatch(seen)


@pytest.mark.parametrize("purpose", ["writing", None])
async def test_value_sealed_for_another_purpose_is_no_unsent_form(browser: Browser, purpose: str | None) -> None:
    form = await form_of(browser, "/sign-in")
    other = COOKIES._sealer.seal({"of": purpose} if purpose else {"form": "", "signed_in": None})
    answer, _ = await browser.post("/sign-in", {**form, "login": "a", "password": "b", "_resume": other})
    assert (answer.status, answer.headers.get("Location")) == (303, "/my")


async def test_many_accounts_cannot_guess_more_than_one(services: FakeServices) -> None:
    """Guesses of digits are counted by address, also for signed-in citizens."""
    async with gateway_before(services, rate_factor=1 / 200) as url, aiohttp.ClientSession() as http:
        statuses = []
        services.answer = JSONResponse({**REFUSED, "status": 404}, 404)
        for account in ("a", "b", "c", "d", "e"):
            browser = Browser(http, url, WebSession(signed_in=signed_in(account=account * 32)))
            answer, _ = await browser.post("/track", {"number": "RB-7F3K-9Q2M-E", "digits": "1234"})
            statuses.append(answer.status)
    assert statuses == [404, 404, 404, 429, 429]
