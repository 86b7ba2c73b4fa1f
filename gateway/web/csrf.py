"""Protection against cross-site request forgery: the browser's own headers, and a token in each form."""

import secrets
from collections.abc import Mapping
from hmac import compare_digest

from gateway.web.session import WebSession

SECRET_BYTES = 16


def is_same_origin(headers: Mapping[str, str]) -> bool:
    """Whether the request comes from one of our pages, as far as the browser says so.

    Sec-Fetch-Site is set by the browser itself; older browsers send Origin, which names the site of the form.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def form_token(session: WebSession) -> str:
    """A token for a form of this browser; creates the browser's secret if it has none.

    The secret is masked with other bytes each time, so that its size under compression reveals nothing (BREACH).
    """
    session.form = session.form or secrets.token_hex(SECRET_BYTES)
    mask = secrets.token_bytes(SECRET_BYTES)
    return (mask + _masked(bytes.fromhex(session.form), mask)).hex()


def is_valid_token(session: WebSession, token: str) -> bool:
    """Whether a form's token was made for this browser."""
    try:
        sent = bytes.fromhex(token)
    except ValueError:
        return False
    if not session.form or len(sent) != 2 * SECRET_BYTES:
        return False
    secret = _masked(sent[SECRET_BYTES:], sent[:SECRET_BYTES])
    return compare_digest(secret, bytes.fromhex(session.form))


def _masked(value: bytes, mask: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(value, mask, strict=True))
