"""Which headers pass the door, in and out. Both are lists of what may; everything else stays outside."""

import re
from collections.abc import Iterable, Mapping
from random import getrandbits

from shared.client_address import CLIENT_ADDRESS

Header = tuple[bytes, bytes]

INWARD = {
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
OUTWARD = frozenset(
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
OUR_COOKIE = "__Host-rabta-device"
"""The one cookie that passes: it tells a device that somebody has proven before (services/identity)."""
SIGNING = re.compile(rb"[a-z0-9-]*(?:signature|hmac|timestamp)[a-z0-9-]*")
"""Names of headers by which a provider of messages signs what it says, such as `x-twilio-signature`."""
LOCAL = re.compile(rb"/(?!/)")
TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")


def inward(headers: Iterable[Header], request_id: str, address: str) -> dict[str, str]:
    """What a service gets to see of a client's headers, with our request id, a trace and the address we saw."""
    picked = {"X-Request-Id": request_id, CLIENT_ADDRESS: address}
    for name, value in headers:
        if name == b"cookie":
            picked |= our_cookie(value.decode("latin-1"))
        known = INWARD.get(name)
        if known is not None and known not in picked:
            picked[known] = value.decode("latin-1")
    if not TRACEPARENT.fullmatch(picked.get("traceparent", "")):
        picked["traceparent"] = f"00-{request_id}-{getrandbits(64) | 1:016x}-01"
    return picked


def has_key(headers: Mapping[str, str]) -> bool:
    """Whether the caller comes with the key of a request in place of an account."""
    return headers.get("Authorization", "").partition(" ")[0].lower() == "key"


def signatures(headers: Iterable[Header]) -> dict[str, str]:
    """The headers of a call that say who signed it, and when; the first of each name."""
    found = [(name.decode(), value.decode("latin-1")) for name, value in headers if SIGNING.fullmatch(name)]
    return dict(reversed(found))


def our_cookie(sent: str) -> dict[str, str]:
    """Of a Cookie header the one cookie that is ours, as a header again."""
    for pair in sent.split(";"):
        name, _, value = pair.strip().partition("=")
        if name == OUR_COOKIE:
            return {"Cookie": f"{OUR_COOKIE}={value}"}
    return {}


def outward(headers: Iterable[Header]) -> list[Header]:
    """What a client gets to see of a service's headers; a Location leads nowhere but through this door."""
    picked = []
    for name, value in headers:
        low = name.lower()
        if low == b"set-cookie" and value.startswith(OUR_COOKIE.encode() + b"="):
            picked.append((low, value))
        if low in OUTWARD and not (low == b"location" and not LOCAL.match(value)):
            picked.append((low, value))
    return picked


def unkept(headers: Iterable[Header]) -> list[Header]:
    """What is added to the answer to somebody who is signed in: nobody keeps it, unless its service has said how."""
    return [] if any(name == b"cache-control" for name, _ in headers) else [(b"cache-control", b"no-store")]


def security(*, https: bool) -> list[Header]:
    """What browsers are told on every answer."""
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
    """32 hex digits, also used as the trace's id."""
    return f"{getrandbits(128) | 1:032x}"
