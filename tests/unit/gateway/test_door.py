"""The gateway with fake services: what is forwarded, and what is refused."""

import asyncio
from collections.abc import AsyncIterator

import aiohttp
import pytest
from starlette.responses import JSONResponse, Response
from yarl import URL

from deploy.local.ports import Ports
from gateway.app import build_app
from tests.unit.gateway.fake_services import FakeServices, gateway_before, settings_for
from tests.unit.gateway.serving import bearer, serving


async def raw(url: str, text: bytes) -> bytes:
    """The response to these bytes."""
    host = URL(url)
    assert host.host is not None
    reader, writer = await asyncio.open_connection(host.host, host.port)
    writer.write(text)
    await writer.drain()
    answer = await reader.readuntil(b"\r\n\r\n")
    writer.close()
    return answer


async def test_request_is_forwarded_with_allowed_headers_only(
    url: str, services: FakeServices, http: aiohttp.ClientSession
) -> None:
    headers = {**bearer(), "Idempotency-Key": "key-1", "Accept-Language": "ur", "X-User-Id": "admin", "Cookie": "a=b"}
    headers |= {"X-Client-Address": "203.0.113.9"}
    async with http.post(f"{url}/api/v1/requests?a=b%20c", json={"x": 1}, headers=headers) as answer:
        assert answer.status == 200
        assert await answer.json() == {"path": "/api/v1/requests", "query": "a=b%20c"}
        assert answer.headers["RateLimit-Policy"] == '"write";q=120;w=60'
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert "Server" not in answer.headers
        request_id = answer.headers["X-Request-Id"]
    asked = services.seen[-1].headers
    assert services.bodies[-1] == b'{"x": 1}'
    assert asked["x-request-id"] == request_id
    assert asked["traceparent"].startswith(f"00-{request_id}-")
    assert asked["idempotency-key"] == "key-1"
    allowed = {"host", "authorization", "idempotency-key", "accept-language", "accept", "content-type"}
    assert set(asked) == allowed | {"content-length", "x-request-id", "traceparent", "x-client-address", "user-agent"}
    assert asked["x-client-address"] == "127.0.0.1"


@pytest.mark.parametrize("authorization", [None, "Bearer x", "Basic x", "Bearer a.b.c", "Bearer "])
async def test_without_valid_token_no_service_is_reached(
    url: str, services: FakeServices, http: aiohttp.ClientSession, authorization: str | None
) -> None:
    headers = {"Accept-Language": "ur"} | ({"Authorization": authorization} if authorization else {})
    async with http.get(f"{url}/api/v1/requests", headers=headers) as answer:
        assert answer.status == 401
        assert answer.content_type == "application/problem+json"
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        problem = await answer.json()
    assert problem["type"] == "/problems/unauthenticated"
    assert problem["title"] == "براہِ کرم لاگ اِن کریں"
    assert services.seen == []


async def test_expired_token_is_refused(url: str, http: aiohttp.ClientSession) -> None:
    async with http.get(f"{url}/api/v1/requests", headers=bearer(lasts=-60)) as answer:
        assert answer.status == 401


@pytest.mark.parametrize(
    "target",
    [b"/api/v1/%2e%2e/x", b"/api/v1//requests", b"/api/v1/a;b", b"/api/v1/a%2fb", b"/api/v1/../x", b"/api/v1/a\\b"],
)
async def test_malformed_path_is_a_problem(url: str, services: FakeServices, target: bytes) -> None:
    answer = await raw(url, b"GET " + target + b" HTTP/1.1\r\nHost: [not a host\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400")
    assert b"application/problem+json" in answer
    assert services.seen == []


async def test_host_header_is_ignored(url: str, services: FakeServices) -> None:
    answer = await raw(
        url, b"GET http://elsewhere.example/api/v1/catalogue HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n"
    )
    assert answer.startswith(b"HTTP/1.1 200")
    assert services.seen[-1].headers["host"].startswith("127.0.0.1:")


async def test_body_is_limited_by_its_real_size(url: str, services: FakeServices, http: aiohttp.ClientSession) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(9):
            yield b"x" * 8192

    async with http.post(f"{url}/api/v1/requests", data=endless(), headers=bearer()) as answer:
        assert answer.status == 413
    async with http.post(f"{url}/api/v1/requests", data=b"x" * 65536, headers=bearer()) as answer:
        assert answer.status == 200
    assert len(services.seen) == 1


async def test_compressed_body_is_refused(url: str, services: FakeServices, http: aiohttp.ClientSession) -> None:
    headers = {**bearer(), "Content-Encoding": "gzip"}
    async with http.post(f"{url}/api/v1/requests", data=b"x", headers=headers) as answer:
        assert answer.status == 415
    assert services.seen == []


async def test_incomplete_body_reaches_no_service(
    url: str, services: FakeServices, http: aiohttp.ClientSession
) -> None:
    host = URL(url)
    assert host.host is not None
    _, writer = await asyncio.open_connection(host.host, host.port)
    token = bearer()["Authorization"].encode()
    writer.write(
        b"POST /api/v1/requests HTTP/1.1\r\nHost: x\r\nAuthorization: " + token + b"\r\nContent-Length: 9\r\n\r\nabc"
    )
    await writer.drain()
    writer.close()
    await writer.wait_closed()
    async with http.get(f"{url}/api/v1/catalogue") as answer:
        assert answer.status == 200
    assert [request.url.path for request in services.seen] == ["/api/v1/catalogue"]


async def test_head_is_answered_like_get_without_a_body(url: str, http: aiohttp.ClientSession) -> None:
    for path in ("/api/v1/catalogue", "/sign-in"):
        async with http.head(f"{url}{path}") as answer:
            assert answer.status == 200
            assert await answer.read() == b""


async def test_response_keeps_status_and_allowed_headers(
    url: str, services: FakeServices, http: aiohttp.ClientSession
) -> None:
    services.answer = Response(status_code=304, headers={"ETag": '"7"', "Set-Cookie": "a=b"})
    async with http.get(f"{url}/api/v1/track/RB-1?mobile=1234", headers={"If-None-Match": '"7"'}) as answer:
        assert answer.status == 304
        assert answer.headers["ETag"] == '"7"'
        assert "Set-Cookie" not in answer.headers
    services.answer = JSONResponse({}, 201, {"Location": "/api/v1/requests/RB-1"})
    async with http.post(f"{url}/api/v1/requests", json={}, headers=bearer()) as answer:
        assert answer.status == 201
        assert answer.headers["Location"] == "/api/v1/requests/RB-1"


async def test_too_many_requests_get_retry_after(services: FakeServices, http: aiohttp.ClientSession) -> None:
    async with gateway_before(services, rate_factor=1 / 600) as url:
        statuses = []
        for n in range(3):  # the key of a partner counts only where partners' calls are counted
            key = {"Authorization": f"Partner {n}"}
            async with http.get(f"{url}/api/v1/track/RB-1?mobile=1234", headers=key) as answer:
                statuses.append(answer.status)
                told = await answer.json()
        assert statuses == [200, 429, 429]
        assert answer.headers["Retry-After"] == "60"
        assert answer.headers["RateLimit"] == '"track";r=0;t=60'
        assert answer.content_type == "application/problem+json"
        assert told["type"] == "/problems/network-requests"


async def test_invented_keys_of_partners_are_limited_by_the_address(
    services: FakeServices, http: aiohttp.ClientSession
) -> None:
    async with gateway_before(services, rate_factor=2 / 6000) as url:
        statuses = []
        for n in range(3):
            key = {"Authorization": f"Partner invented-{n}"}
            async with http.post(f"{url}/api/v1/partners/updates", json={}, headers=key) as answer:
                statuses.append(answer.status)
        form = {"api_key": "invented-3", "service_request_id": "RB-1"}
        async with http.post(f"{url}/open311/v2/servicerequestupdates.json", data=form) as answer:
            statuses.append(answer.status)
            assert "Retry-After" in answer.headers
    assert statuses == [200, 200, 429, 429]
    assert len(services.seen) == 2


async def test_limits_can_be_switched_off(services: FakeServices, http: aiohttp.ClientSession) -> None:
    async with gateway_before(services, rate_factor=1 / 600, rate_limits=False) as url:
        for _ in range(3):
            async with http.get(f"{url}/api/v1/track/RB-1?mobile=1234") as answer:
                assert answer.status == 200
                assert "RateLimit" not in answer.headers


async def test_unavailable_service_is_a_problem_with_retry_after(
    services: FakeServices, http: aiohttp.ClientSession
) -> None:
    async with (
        gateway_before(services, routing_url="http://127.0.0.1:1") as url,
        http.get(f"{url}/api/v1/departments") as answer,
    ):
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "2"
        assert (await answer.json())["type"] == "/problems/unavailable"


async def test_another_replica_takes_over(services: FakeServices, http: aiohttp.ClientSession) -> None:
    async with serving(services.app()) as second:
        replicas = f"http://127.0.0.1:1,{second}"
        async with gateway_before(services, requests_url=replicas) as url:
            for _ in range(6):
                async with http.post(f"{url}/api/v1/requests", json={}, headers=bearer()) as answer:
                    assert answer.status == 200
    assert len(services.seen) == 6


async def test_replicas_take_turns(http: aiohttp.ClientSession) -> None:
    one, other = FakeServices(), FakeServices()
    async with (
        serving(one.app()) as first,
        serving(other.app()) as second,
        gateway_before(one, routing_url=f"{first},{second}") as url,
    ):
        for _ in range(6):
            async with http.get(f"{url}/api/v1/departments") as answer:
                assert answer.status == 200
    assert (len(one.seen), len(other.seen)) == (3, 3)


async def breaking(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A service that dies after reading the head of a request."""
    await reader.readuntil(b"\r\n\r\n")
    writer.close()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "requests", {}, 200),
        ("POST", "requests", {"Idempotency-Key": "key-1"}, 200),
        ("POST", "requests", {}, 503),
        ("POST", "requests/RB-7F3K-9Q2M-E/withdraw", {"Idempotency-Key": "key-1"}, 503),
    ],
)
async def test_only_repeatable_requests_are_sent_again(
    services: FakeServices, http: aiohttp.ClientSession, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    dying = await asyncio.start_server(breaking, "127.0.0.1", 0)
    broken = f"http://127.0.0.1:{dying.sockets[0].getsockname()[1]}"
    body: dict[str, str] | None = {} if method == "POST" else None
    async with (
        dying,
        serving(services.app()) as living,
        gateway_before(services, requests_url=f"{living},{broken}") as url,  # the turn begins with the second
        http.request(method, f"{url}/api/v1/{path}", json=body, headers={**bearer(), **headers}) as answer,
    ):
        assert answer.status == status
    assert len(services.seen) == (status == 200)


async def test_hanging_service_times_out(
    services: FakeServices, http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.proxy.TOTAL_SECONDS", 0.2)
    services.hold = asyncio.Event()
    async with gateway_before(services) as url:
        async with http.get(f"{url}/api/v1/catalogue") as answer:
            assert answer.status == 504
            assert (await answer.json())["status"] == 504
        services.hold.set()


async def test_health_and_metrics_are_only_on_the_operator_port(
    services: FakeServices, http: aiohttp.ClientSession
) -> None:
    ports = Ports()
    port = ports.take()
    operators = f"http://127.0.0.1:{port}"
    async with (
        serving(services.app()) as behind,
        serving(build_app(settings_for(behind, operator_port=port)), operators=port) as url,
    ):
        async with http.get(f"{operators}/health/live") as answer:
            assert answer.status == 200
        async with http.get(f"{operators}/health/ready") as answer:
            assert answer.status == 503
            assert (await answer.json())["failing"] == ["live"]
        async with http.get(f"{url}/api/v1/catalogue"):
            pass
        async with http.get(f"{operators}/metrics") as answer:
            assert 'rabta_gateway_request_seconds_count{service="requests",status="200"}' in await answer.text()
        asked_otherwise = {"Host": f"127.0.0.1:{port}", "X-Forwarded-Port": str(port), "X-Forwarded-Host": operators}
        for path in ("/health/live", "/health/ready", "/health/startup", "/metrics"):
            for headers in ({}, asked_otherwise):
                async with http.get(url + path, headers=headers) as answer:
                    assert answer.status == 404
        async with http.get(f"{operators}/api/v1/catalogue") as answer:
            assert answer.status == 404
    ports.release()


async def test_signed_callback_is_forwarded_unchanged(
    http: aiohttp.ClientSession, url: str, services: FakeServices
) -> None:
    signed = {"X-Twilio-Signature": "abc=", "Content-Type": "application/x-www-form-urlencoded"}
    for path in ("/api/v1/callbacks/sms/receipts?key=a%2Bb&ref=1", "/api/v1/registrations"):
        async with http.post(URL(url + path, encoded=True), data=b"To=%2B92300&Body=%20", headers=signed) as answer:
            assert answer.status == 200
    callback, other = services.seen
    assert (callback.url.path, callback.url.query) == ("/api/v1/callbacks/sms/receipts", "key=a%2Bb&ref=1")
    assert services.bodies[0] == b"To=%2B92300&Body=%20"
    assert callback.headers["X-Twilio-Signature"] == "abc="
    assert "X-Twilio-Signature" not in other.headers
