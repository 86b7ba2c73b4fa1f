"""Against forged forms: a POST has to come from one of our own pages, and carry the token of this browser."""

import secrets
from collections.abc import Mapping
from hmac import compare_digest

from gateway.web.session import WebSession

SECRET_BYTES = 16


def from_our_pages(headers: Mapping[str, str]) -> bool:
    """Whether the browser says that a request comes from a page of ours; one that says nothing passes.

    Sec-Fetch-Site is the browser's own word; older ones send Origin, which names the site that holds the form.
    """
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site in ("same-origin", "none")
    origin = headers.get("origin")
    return origin is None or origin.partition("://")[2] == headers.get("host")


def form_token(session: WebSession) -> str:
    """A token for a form of this browser; another text each time, so that its length under compression tells nothing.

    Makes the browser's secret where there is none yet.
    """
    session.form = session.form or secrets.token_hex(SECRET_BYTES)
    mask = secrets.token_bytes(SECRET_BYTES)
    return (mask + _masked(bytes.fromhex(session.form), mask)).hex()


def is_token_of(session: WebSession, token: str) -> bool:
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
