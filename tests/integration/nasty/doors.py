"""Attacks on a proxy (13): headers, targets, framing."""

import json

from tests.integration.nasty.row import CANARY, FILE, FILING, TAKEN, Row, get, head, post

GOOD = json.dumps(FILING).encode()
TOKEN = b"Authorization: Bearer %TOKEN%"
KEY = b"Idempotency-Key: %KEY%"
KIND = b"Content-Type: application/json"
LENGTH = b"Content-Length: %d" % len(GOOD)
CHUNKED = b"Transfer-Encoding: chunked"
IN_CHUNKS = b"%x\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)
# With each of these and no token, nobody becomes somebody.
FORGED = (
    b"X-User-Id: admin",
    b"x_user_id: admin",
    b"X-User-Id: admin\r\nX-User-Id: citizen",
    b"Connection: X-User-Id, Authorization",
    b"X-Forwarded-For: 127.0.0.1",
    b"X-Forwarded-Host: internal",
    b"X-Forwarded-Proto: https",
    b"X-Forwarded-Prefix: /internal",
    b"X-Client-Address: 127.0.0.1",
    b"Forwarded: for=127.0.0.1;host=internal",
    b"X-Original-URL: /api/v1/catalogue",
    b"X-Rewrite-URL: /api/v1/catalogue",
    b"X-HTTP-Method-Override: GET",
    b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA",
    b"Expect: 100-continue",
    b"Range: bytes=" + b",".join(b"%d-%d" % (i, i + 1) for i in range(1000)),
    b"Cookie: session=admin; token=admin",
)
TARGETS = {
    "at evil": b"@evil.example/api/v1/catalogue",
    "two slashes": b"//evil.example/api/v1/catalogue",
    "backslash": b"\\\\evil.example/api/v1/catalogue",
    "backslash inside": b"/api/v1\\..\\catalogue",
    "dots": b"/api/v1/catalogue/../requests",
    "dots and semicolon": b"/api/v1/catalogue/..;/requests",
    "quoted dots": b"/api/v1/catalogue/%2e%2e%2frequests",
    "twice quoted dots": b"/api/v1/catalogue/%252e%252e/requests",
    "overlong dots": b"/api/v1/catalogue/%c0%ae%c0%ae/requests",
    "session in the path": b"/api/v1/catalogue;jsessionid=1",
    "one dot": b"/api/v1/./catalogue",
    "dot at the end": b"/api/v1/catalogue/.",
    "dots alone": b"/api/v1/catalogue/..",
    "capitals": b"/API/v1/Catalogue",
    "slashes inside": b"/api//v1/catalogue",
    "NUL": b"/api/v1/catalogue%00",
    "raw NUL": b"/api/v1/catalogue\0",
    "fragment": b"/api/v1/catalogue%23x",
    "line ends": b"/api/v1/catalogue%0d%0aX-User-Id:%20admin",
    "raw UTF-8": "/api/v1/ك".encode(),
    "64 KB": b"/api/v1/" + b"a" * 65_536,
    "64 KB of query": b"/api/v1/catalogue?" + b"a" * 65_536,
    "service's own": b"/health/../metrics",
    "identity's own": b"/openapi.json",
    "internal": b"/internal/v1/requests",
    "star": b"*",
    "empty": b"",
}


def filed(
    *lines: bytes, body: bytes = GOOD, start: bytes = b"POST /api/v1/requests HTTP/1.1", host: bytes = b"Host: a"
) -> bytes:
    """A filing with handwritten framing."""
    named = [host] if host else []
    return b"\r\n".join([start, *named, b"Connection: close", TOKEN, KEY, KIND, *lines, b"", b""]) + body


FRAMES = {
    "length and chunks": filed(LENGTH, CHUNKED, body=IN_CHUNKS),
    "chunks and length": filed(CHUNKED, LENGTH, body=IN_CHUNKS),
    "two lengths": filed(LENGTH, b"Content-Length: 5"),
    "the same length twice": filed(LENGTH, LENGTH),
    "list of lengths": filed(b"Content-Length: 5, 5"),
    "signed length": filed(b"Content-Length: +5"),
    "negative length": filed(b"Content-Length: -5"),
    "length in hex": filed(b"Content-Length: 0x5"),
    "huge length": filed(b"Content-Length: " + b"9" * 30),
    "space before the colon": filed(b"Content-Length : 5"),
    "unknown coding": filed(b"Transfer-Encoding: xchunked", body=IN_CHUNKS),
    "chunked not last": filed(b"Transfer-Encoding: chunked, identity", body=IN_CHUNKS),
    "coding with a tab": filed(b"Transfer-Encoding:\x0bchunked", body=IN_CHUNKS),
    "two codings": filed(CHUNKED, b"Transfer-Encoding: identity", body=IN_CHUNKS),
    "bare line feeds": filed(LENGTH).replace(b"\r\n", b"\n"),
    "folded header": filed(LENGTH, b"X-A: b\r\n c"),
    "two hosts": filed(LENGTH, b"Host: internal"),
    "no host": filed(LENGTH, host=b""),
    "chunk size signed": filed(CHUNKED, body=b"-1\r\n" + GOOD),
    "chunk size huge": filed(CHUNKED, body=b"f" * 20 + b"\r\n" + GOOD),
    "chunk size no number": filed(CHUNKED, body=b"zz\r\n" + GOOD),
    "no version": b"GET /api/v1/catalogue\r\n\r\n",
    "version 3": filed(LENGTH, start=b"POST /api/v1/requests HTTP/3.0"),
    "unknown method": filed(LENGTH, start=b"STEAL /api/v1/requests HTTP/1.1"),
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64) + b"\r\n\r\n",
    "header without a name": filed(LENGTH, b": x"),
    "header without a colon": filed(LENGTH, b"nonsense"),
}
METHODS = (b"TRACE", b"CONNECT", b"PUT", b"DELETE", b"PROPFIND", b"get")
DOORS: tuple[Row, ...] = (
    *(
        Row(13, line.decode().replace("\r\n", " ")[:40], post(FILE, GOOD, line, without=b"authorization"))
        for line in FORGED
    ),
    *(Row(13, f"target {name}", get(target), problem=False) for name, target in TARGETS.items()),
    *(Row(13, name, request, problem=False) for name, request in FRAMES.items()),
    *(
        Row(13, f"method {method.decode()}", head(method + b" /api/v1/catalogue", [TOKEN]), problem=False)
        for method in METHODS
    ),
    Row(
        13,
        "other host",
        get(b"http://evil.example/api/v1/requests"),
        TAKEN,
        "RFC 9112 wants it; its host leads nowhere",
    ),
    Row(13, "raw fragment", get(b"/api/v1/catalogue#../requests"), TAKEN, "cut off before anything reads it"),
    Row(
        13,
        "host of the inside",
        filed(LENGTH, host=b"Host: internal"),
        TAKEN,
        "a client's host leads nowhere",
    ),
    Row(
        13,
        "chunk extensions",
        filed(CHUNKED, body=b"%x;a=b\r\n%s\r\n0\r\n\r\n" % (len(GOOD), GOOD)),
        TAKEN,
        "RFC 9112 allows them; dropped at the door",
    ),
    Row(
        13,
        "trailers",
        filed(CHUNKED, b"Trailer: X-User-Id", body=IN_CHUNKS[:-2] + b"X-User-Id: admin\r\n\r\n"),
        TAKEN,
        "trailers are dropped at the door",
    ),
    Row(13, "old version", filed(LENGTH, start=b"POST /api/v1/requests HTTP/1.0"), TAKEN, "HTTP/1.0 is still HTTP"),
    Row(13, "1000 headers", filed(LENGTH, *(b"X-%d: %s" % (i, CANARY.encode()) for i in range(1000)))),
    # A thousand on one connection: test_nasty_inputs.py.
    # One byte a second, half-open and hung-up bodies: unit/gateway/test_door.py.
)
