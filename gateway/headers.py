"""Which headers the gateway passes on, to services and to clients. What is not listed here is dropped.

Also checks the head of a request, which must mean the same to every program behind the gateway.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from random import getrandbits

from shared.client_address import CLIENT_ADDRESS
from shared.errors import BadRequestError, Problem

Header = tuple[bytes, bytes]

MAX_FIELDS = 100
MAX_HEAD = 16 * 1024
SINGLE = (
    b"host",
    b"content-length",
    b"transfer-encoding",
    b"authorization",
    b"content-type",
    b"idempotency-key",
    b"x-file-name",
)
"""Headers that a request may have only once."""
FORWARDED = {
    name.lower().encode(): name
    for name in (
        "Authorization",
        "Idempotency-Key",
        "If-Match",
        "If-None-Match",
        "Accept-Language",
        "Content-Type",
        "X-File-Name",
        "Accept",
        "Last-Event-ID",
        "User-Agent",
        "traceparent",
    )
}
RETURNED = frozenset(
    (
        b"allow",
        b"cache-control",
        b"content-language",
        b"content-type",
        b"etag",
        b"expires",
        b"idempotent-replayed",
        b"last-modified",
        b"link",
        b"location",
        b"retry-after",
        b"vary",
        b"www-authenticate",
    )
)
DEVICE_COOKIE = "__Host-rabta-device"
"""The one cookie that passes: it marks a known device (services/identity)."""
SIGNATURE_HEADER = re.compile(rb"[a-z0-9-]*(?:signature|hmac|timestamp)[a-z0-9-]*")
"""Headers with which a provider of messages signs a callback, such as `x-twilio-signature`."""
LOCAL_PATH = re.compile(rb"/(?!/)")
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


class HeadTooLargeError(Problem, code="head-too-large", status=431):
    """Too many header fields, or too long ones."""


def require_unambiguous_head(headers: Sequence[Header]) -> None:
    """Raise HeadTooLargeError, and BadRequestError for a head that two programs could read in two ways."""
    if len(headers) > MAX_FIELDS or sum(len(name) + len(value) for name, value in headers) > MAX_HEAD:
        raise HeadTooLargeError
    names = [name for name, _ in headers]
    if b"host" not in names or any(names.count(name) > 1 for name in SINGLE):
        raise BadRequestError
    if b"content-length" in names and b"transfer-encoding" in names:
        raise BadRequestError


def forwarded_headers(headers: Iterable[Header], request_id: str, address: str) -> dict[str, str]:
    """The headers for a service: the client's own as far as they pass, our request id, a trace and the address."""
    picked = {"X-Request-Id": request_id, CLIENT_ADDRESS: address}
    for name, value in headers:
        if name == b"cookie":
            picked |= device_cookie(value.decode("latin-1"))
        known = FORWARDED.get(name)
        if known is not None and known not in picked:
            picked[known] = value.decode("latin-1")
    if not TRACEPARENT.fullmatch(picked.get("traceparent", "")):
        picked["traceparent"] = f"00-{request_id}-{getrandbits(64) | 1:016x}-01"
    return picked


def has_request_key(headers: Mapping[str, str]) -> bool:
    """Whether the caller sends the key of one request instead of a token."""
    return headers.get("Authorization", "").partition(" ")[0].lower() == "key"


def partner_of(headers: Mapping[str, str]) -> str:
    """What counts the calls of a partner: a hash of the key, which the service checks; empty without a key."""
    scheme, _, key = headers.get("Authorization", "").partition(" ")
    return sha256(key.encode()).hexdigest()[:32] if scheme.lower() == "partner" and key else ""


def signature_headers(headers: Iterable[Header]) -> dict[str, str]:
    """The headers that sign a callback; the first of each name."""
    found = [(name.decode(), value.decode("latin-1")) for name, value in headers if SIGNATURE_HEADER.fullmatch(name)]
    return dict(reversed(found))


def device_cookie(header: str) -> dict[str, str]:
    """A Cookie header with only the device cookie of the given one; empty if that has none."""
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == DEVICE_COOKIE:
            return {"Cookie": f"{DEVICE_COOKIE}={value}"}
    return {}


def returned_headers(headers: Iterable[Header]) -> list[Header]:
    """A service's headers as far as the client may see them; a Location never leads to another host."""
    picked = []
    for name, value in headers:
        low = name.lower()
        if low == b"set-cookie" and value.startswith(DEVICE_COOKIE.encode() + b"="):
            picked.append((low, value))
        if low in RETURNED and not (low == b"location" and not LOCAL_PATH.match(value)):
            picked.append((low, value))
    return picked


def default_no_store(headers: Iterable[Header]) -> list[Header]:
    """Forbid storing the response to a signed-in client, unless the service sent a Cache-Control of its own."""
    return [] if any(name == b"cache-control" for name, _ in headers) else [(b"cache-control", b"no-store")]


def security_headers(*, https: bool) -> list[Header]:
    """The security headers of every response."""
    headers = [
        (
            b"content-security-policy",
            b"default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
        ),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]
    if https:
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return headers


def new_request_id() -> str:
    """32 hex digits, also used as the id of the trace."""
    return f"{getrandbits(128) | 1:032x}"
