"""The gateway under attack: security headers, ambiguous heads, foreign origins, unknown methods."""

import asyncio

import aiohttp
import pytest
from starlette.responses import JSONResponse
from yarl import URL

from gateway.headers import MAX_FIELDS, MAX_HEAD
from tests.unit.gateway.fake_services import FakeServices, gateway_before
from tests.unit.gateway.serving import bearer

GOOD = b"GET /api/v1/catalogue HTTP/1.1\r\n"
POST = b"POST /api/v1/registrations HTTP/1.1\r\nHost: x\r\n"


async def raw_answer(url: str, text: bytes) -> bytes:
    """Everything that the gateway answers to these bytes, until it closes."""
    host = URL(url)
    assert host.host is not None
    reader, writer = await asyncio.open_connection(host.host, host.port)
    writer.write(text)
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()
    return answer


ANSWERS = (
    ("GET", "/sign-in", 200), ("GET", "/docs", 200), ("GET", "/docs.css", 200), ("GET", "/health/live", 404),
    ("GET", "/docs/departments.md", 200), ("GET", "/docs/asyncapi.yaml", 200), ("GET", "/docs/settings.md", 404),
    ("GET", "/api/v1/catalogue", 200), ("GET", "/api/v1/requests", 200), ("GET", "/nowhere", 404),
    ("DELETE", "/api/v1/catalogue", 405), ("GET", "/api/v1/a;b", 400), ("POST", "/api/v1/registrations", 200),
)  # fmt: skip


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
async def test_every_response_has_security_headers(url: str, method: str, path: str, status: int) -> None:
    async with (
        aiohttp.ClientSession(headers=bearer()) as http,
        http.request(method, URL(url + path, encoded=True)) as answer,
    ):
        assert answer.status == status
        policy = answer.headers["Content-Security-Policy"]
        for part in ("default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
            assert part in policy
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert "Server" not in answer.headers
        assert answer.headers["Content-Type"]


async def test_https_sets_strict_transport_security(services: FakeServices) -> None:
    async with (
        gateway_before(services, public_url="https://rabta.example") as url,
        aiohttp.ClientSession() as http,
        http.get(f"{url}/nowhere") as answer,
    ):
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


async def test_responses_to_signed_in_clients_are_not_stored(url: str, services: FakeServices) -> None:
    async with aiohttp.ClientSession(headers=bearer()) as http:
        async with http.get(f"{url}/api/v1/requests") as answer:
            assert answer.headers["Cache-Control"] == "no-store"
        services.answer = JSONResponse({}, headers={"Cache-Control": "private, no-cache"})
        async with http.get(f"{url}/api/v1/requests") as answer:
            assert answer.headers.getall("Cache-Control") == ["private, no-cache"]


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1"])
async def test_no_cors_header_is_sent(url: str, origin: str) -> None:
    async with aiohttp.ClientSession(headers=bearer()) as http:
        for path in ("/api/v1/requests", "/api/v1/catalogue", "/nowhere"):
            async with http.get(url + path, headers={"Origin": origin}) as answer:
                assert not [name for name in answer.headers if name.lower().startswith("access-control-")]
        asked = {"Origin": origin, "Access-Control-Request-Method": "POST"}
        async with http.options(f"{url}/api/v1/requests", headers=asked) as answer:
            assert answer.status == 405
            assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("method", ["TRACE", "OPTIONS", "PROPFIND", "PUT", "CONNECT"])
async def test_unknown_methods_are_refused(url: str, services: FakeServices, method: str) -> None:
    head = f"{method} /api/v1/catalogue HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    assert (await raw_answer(url, head.encode())).split(b" ", 2)[1] in (b"400", b"405")
    assert services.seen == []


@pytest.mark.parametrize(
    "head",
    [
        GOOD,
        GOOD + b"Host: x\r\nHost: y\r\n",
        GOOD + b"Host: x\r\nX-Folded: a\r\n b\r\n",
        POST + b"Content-Length: 2\r\nContent-Length: 3\r\n",
        POST + b"Content-Length: 2\r\nContent-Length: 2\r\n",
        POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        POST + b"Transfer-Encoding: gzip, chunked, identity\r\n",
        POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
        POST + b"Transfer-Encoding : chunked\r\n",
        POST + b"Content-Length: +2\r\n",
        POST + b"Content-Length: 0x2\r\n",
        POST + b"X-A: b\nX-C: d\r\n",
        GOOD + b"Host: x\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n",
    ],
)
async def test_ambiguous_head_is_refused(url: str, services: FakeServices, head: bytes) -> None:
    answer = await raw_answer(url, head + b"Connection: close\r\n\r\n{}")
    assert answer.startswith(b"HTTP/1.1 400"), answer[:200]
    assert services.seen == []


async def test_head_has_a_maximum_size(url: str, services: FakeServices) -> None:
    many = b"".join(b"X-%d: y\r\n" % number for number in range(MAX_FIELDS + 1))
    long = b"X-Long: " + b"y" * MAX_HEAD + b"\r\n"
    for extra in (many, long):
        answer = await raw_answer(url, GOOD + b"Host: x\r\nConnection: close\r\n" + extra + b"\r\n")
        assert answer.startswith(b"HTTP/1.1 431")
        assert b"/problems/head-too-large" in answer
    assert services.seen == []
