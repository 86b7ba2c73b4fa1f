"""A row of the table. Requests are bytes, so that no client corrects them.

Each request has exactly one malicious part; without it, it would be accepted. `%NAME%` is replaced by a value that
only the running test knows (a token, a number), in the head only.
"""

import json
from dataclasses import dataclass
from typing import Any

from tests.journeys.test_main_job import LAMP

CANARY = "canary-5d1e"
REFUSED = "4xx"
TAKEN = "2xx"
FILE = "/api/v1/requests"
REGISTER = "/api/v1/registrations"
LOGIN = "/api/v1/sessions"
JSON = b"application/json"
FILING = {**LAMP, "place": {"district": "kohat", "address": CANARY}}
PERSON = {
    "name": "Gul Meena",
    "cnic": "35000-7654321-3",
    "mobile": "+923007654321",
    "email": f"{CANARY}@example.com",
    "address": f"House 1, {CANARY}, Peshawar",
    "password": f"horse {CANARY} staple",
}


@dataclass(frozen=True)
class Row:
    """One nasty input. `status` is the status or its class; what is taken says why, and
    is sent after all others; `problem` is off where the
    HTTP parser refuses, or another standard says what errors look like."""

    category: int
    name: str
    request: bytes
    status: str = REFUSED
    why: str = ""
    problem: bool = True

    def __str__(self) -> str:
        return f"{self.category}-{self.name}"


def post(
    path: str,
    body: bytes | dict[str, Any],
    *more: bytes,
    kind: bytes | None = JSON,
    key: bytes = b"%KEY%",
    without: bytes = b"",
) -> bytes:
    """A POST; `more` are header lines. It has token and key, unless they are in `more` or named by `without`."""
    content = json.dumps(body).encode() if isinstance(body, dict) else body
    lines = [b"Content-Length: %d" % len(content), *more]
    if kind is not None:
        lines.append(b"Content-Type: " + kind)
    names = {without, *(line.split(b":")[0].lower() for line in more)}
    if path not in (REGISTER, LOGIN):
        if b"authorization" not in names:
            lines.append(b"Authorization: Bearer %TOKEN%")
        if b"idempotency-key" not in names:
            lines.append(b"Idempotency-Key: " + key)
    return head(b"POST " + path.encode(), lines) + content


def get(target: bytes, *more: bytes) -> bytes:
    """A GET of exactly this target; `more` are header lines instead of the token."""
    token = [] if more else [b"Authorization: Bearer %TOKEN%"]
    return head(b"GET " + target, [*token, *more])


def head(start: bytes, lines: list[bytes], version: bytes = b"HTTP/1.1") -> bytes:
    """The head of a request, which closes the connection."""
    return b"\r\n".join([start + b" " + version, b"Host: localhost", b"Connection: close", *lines, b"", b""])


def filing(**changes: Any) -> dict[str, Any]:
    """A valid filing with changes; `answers` and `place` are changed field by field."""
    merged: dict[str, Any] = {**FILING}
    for name, value in changes.items():
        old = merged.get(name)
        merged[name] = {**old, **value} if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def described(text: str) -> bytes:
    """A filing whose description is the text, as raw UTF-8 or, if that is impossible, escaped."""
    body = filing(answers={"description": text})
    return json.dumps(body, ensure_ascii=any("\ud800" <= c <= "\udfff" for c in text)).encode()


def person(**changes: Any) -> bytes:
    """A valid registration with changes."""
    return json.dumps({**PERSON, **changes}, ensure_ascii=False).encode()
