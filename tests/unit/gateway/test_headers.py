"""Which headers the gateway forwards and returns."""

import re

from gateway.headers import forwarded_headers, new_request_id, returned_headers, security_headers, signature_headers

ID = "0123456789abcdef0123456789abcdef"


def test_only_listed_headers_are_forwarded() -> None:
    sent = [
        (b"host", b"elsewhere"),
        (b"authorization", b"Bearer x"),
        (b"idempotency-key", b"key-1"),
        (b"if-match", b'"3"'),
        (b"if-none-match", b'"2"'),
        (b"accept-language", b"ur"),
        (b"content-type", b"application/json"),
        (b"accept", b"*/*"),
        (b"last-event-id", b"7"),
        (b"x-user-id", b"admin"),
        (b"x-user-role", b"admin"),
        (b"x-forwarded-for", b"1.2.3.4"),
        (b"x-forwarded-host", b"elsewhere"),
        (b"forwarded", b"for=1.2.3.4"),
        (b"x-request-id", b"mine"),
        (b"x-original-url", b"/admin"),
        (b"x-http-method-override", b"DELETE"),
        (b"connection", b"authorization"),
        (b"transfer-encoding", b"chunked"),
        (b"content-length", b"99"),
        (b"te", b"trailers"),
        (b"upgrade", b"h2c"),
        (b"x-client-address", b"203.0.113.9"),
        (b"cookie", b"a=b; __Host-rabta-device=token; c=d"),
        (b"user-agent", b"a browser"),
        (b"accept-encoding", b"gzip"),
    ]
    passed = forwarded_headers(sent, ID, "192.0.2.1")
    assert passed.pop("traceparent").startswith(f"00-{ID}-")
    assert passed == {
        "X-Request-Id": ID,
        "Authorization": "Bearer x",
        "Idempotency-Key": "key-1",
        "If-Match": '"3"',
        "If-None-Match": '"2"',
        "Accept-Language": "ur",
        "Content-Type": "application/json",
        "Accept": "*/*",
        "Last-Event-ID": "7",
        "User-Agent": "a browser",
        "Cookie": "__Host-rabta-device=token",
        "X-Client-Address": "192.0.2.1",
    }


def test_signature_headers_of_a_callback_are_forwarded() -> None:
    sent = [
        (b"x-twilio-signature", b"first"),
        (b"x-twilio-signature", b"second"),
        (b"x-hub-signature-256", b"sha256=00"),
        (b"x-request-timestamp", b"1772442001"),
        (b"x-request-id", b"mine"),
        (b"x-client-address", b"203.0.113.9"),
    ]
    assert signature_headers(sent) == {
        "x-twilio-signature": "first",
        "x-hub-signature-256": "sha256=00",
        "x-request-timestamp": "1772442001",
    }


def test_first_of_two_equal_headers_counts() -> None:
    passed = forwarded_headers([(b"authorization", b"Bearer first"), (b"authorization", b"Bearer second")], ID, "-")
    assert passed["Authorization"] == "Bearer first"


def test_trace_is_continued_or_replaced() -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    assert forwarded_headers([(b"traceparent", trace.encode())], ID, "-")["traceparent"] == trace
    for broken in (
        b"",
        b"00-short-00f067aa0ba902b7-01",
        b"00-" + b"0" * 32 + b"-00f067aa0ba902b7-01",
        trace.encode() + b"-x",
    ):
        made = forwarded_headers([(b"traceparent", broken)], ID, "-")["traceparent"]
        assert re.fullmatch(rf"00-{ID}-[0-9a-f]{{16}}-01", made)


def test_only_listed_headers_are_returned() -> None:
    answered = [
        (b"Content-Type", b"application/json"),
        (b"ETag", b'"3"'),
        (b"Server", b"uvicorn"),
        (b"Set-Cookie", b"a=b"),
        (b"Set-Cookie", b"__Host-rabta-device=token; Path=/; Secure"),
        (b"X-Powered-By", b"us"),
        (b"Connection", b"close"),
        (b"Location", b"/api/v1/requests/RB-1"),
        (b"Idempotent-Replayed", b"true"),
    ]
    assert returned_headers(answered) == [
        (b"content-type", b"application/json"),
        (b"etag", b'"3"'),
        (b"set-cookie", b"__Host-rabta-device=token; Path=/; Secure"),
        (b"location", b"/api/v1/requests/RB-1"),
        (b"idempotent-replayed", b"true"),
    ]


def test_location_with_a_host_is_dropped() -> None:
    assert returned_headers([(b"location", b"http://10.0.0.7:8082/api/v1/requests")]) == []
    assert returned_headers([(b"location", b"//10.0.0.7/x")]) == []


def test_strict_transport_security_needs_https() -> None:
    plain, secured = dict(security_headers(https=False)), dict(security_headers(https=True))
    assert b"strict-transport-security" not in plain
    assert secured[b"strict-transport-security"].startswith(b"max-age=31536000")
    assert plain[b"content-security-policy"].startswith(b"default-src 'self'")


def test_request_ids_differ() -> None:
    ids = {new_request_id() for _ in range(100)}
    assert len(ids) == 100
    assert all(re.fullmatch(r"[0-9a-f]{32}", request_id) for request_id in ids)
