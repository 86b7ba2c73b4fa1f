"""The session of a browser: an encrypted cookie; the gateway itself stores nothing.

The cookie is encrypted with Fernet (AES-128-CBC and HMAC-SHA256). A damaged or altered cookie counts as none. Gateways
with the same key share the sessions, and a restart ends none. A secret in it protects forms against forgery (CSRF).
"""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hmac import compare_digest
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

MAX_BYTES = 4000
"""The largest cookie that every browser keeps (RFC 6265 §6.1: 4096 with name and attributes)."""
SECRET_BYTES = 16
MAX_REMEMBERED = 3


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account and its tokens. Times are seconds since 1970; a limited account must first complete its setup."""

    account: str
    role: str
    department: str | None
    access_token: str
    refresh_token: str
    access_until: float
    idle_until: float
    limited: bool = False
    name: str = ""
    place: dict[str, str] = field(default_factory=dict)
    """The name of the department of a member of staff, in both languages."""

    @classmethod
    def of(cls, answer: Mapping[str, Any], before: "SignedIn | None" = None) -> "SignedIn":
        """The session that identity granted, with the names of the session before."""
        now = time.time()
        return cls(
            account=answer["account"]["id"],
            role=answer["account"]["role"],
            department=answer["account"]["department"],
            access_token=answer["access_token"],
            refresh_token=answer["refresh_token"],
            access_until=now + answer["expires_in"],
            idle_until=now + answer["refresh_expires_in"],
            limited=answer["limited"],
            name=before.name if before else "",
            place=before.place if before else {},
        )


@dataclass(slots=True)
class WebSession:
    """Everything that the pages remember of a browser.

    `form` is the secret of its forms; `digits` and `keys` open tracked and anonymous requests, by number; `note` is
    shown once on the next page; `steps` holds what a flow of several pages remembers, by the name of the flow.
    """

    form: str = ""
    signed_in: SignedIn | None = None
    digits: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    note: str = ""
    steps: dict[str, Any] = field(default_factory=dict)

    def sign_in(self, signed_in: SignedIn) -> None:
        """Start a session; earlier forms become invalid."""
        self.form = secrets.token_hex(16)
        self.signed_in = signed_in
        self.steps = {}

    def sign_out(self) -> None:
        """Forget everything: the next person at this browser may be another."""
        self.form = self.note = ""
        self.signed_in = None
        self.digits, self.keys, self.steps = {}, {}, {}

    def remember(self, secrets_by_number: dict[str, str], number: str, secret: str) -> None:
        """Keep the secret that opens a request, in `digits` or `keys`; only the last few are kept."""
        secrets_by_number.pop(number, None)
        secrets_by_number[number] = secret
        while len(secrets_by_number) > MAX_REMEMBERED:
            secrets_by_number.pop(next(iter(secrets_by_number)))


class Sealer:
    """Encrypts values for cookies and hidden fields with the first key; decrypts with any key."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are base64 of 32 bytes each. Raises ValueError if one is not."""
        self._fernet = MultiFernet([Fernet(key.replace("+", "-").replace("/", "_").encode()) for key in keys])

    def seal(self, content: Any) -> str:
        """JSON content as encrypted text."""
        return self._fernet.encrypt(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).decode()

    def open(self, text: str, seconds: int | None = None) -> Any:
        """The content, if it was sealed at most so many seconds ago; None for any other text."""
        try:
            return json.loads(self._fernet.decrypt(text.encode(), ttl=seconds))
        except (InvalidToken, ValueError):
            return None


class Cookies:
    """Reads and writes the session's cookie. `https` makes it a `__Host-` cookie (RFC 6265bis §4.1.3.2)."""

    def __init__(self, sealer: Sealer, *, https: bool) -> None:
        self._sealer = sealer
        self._https = https
        self.name = "__Host-rabta" if https else "rabta"

    def read(self, header: str) -> WebSession:
        """The session in a Cookie header; an empty one if there is none."""
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.name:
                return _session(self._sealer.open(value))
        return WebSession()

    def write(self, session: WebSession) -> str:
        """The Set-Cookie header of a session; removes the cookie of an empty one. It lasts until the browser closes."""
        attributes = f"Path=/; HttpOnly; SameSite=Lax{'; Secure' if self._https else ''}"
        if session == WebSession():
            return f"{self.name}=; Max-Age=0; {attributes}"
        return f"{self.name}={self._fitting(session)}; {attributes}"

    def _fitting(self, session: WebSession) -> str:
        """The sealed session; if it is too long for a browser, without what is easiest to type again.

        The browser would drop a longer cookie and keep the older one, whose token is used up.
        """
        sealed = self._sealer.seal(asdict(session))
        while len(sealed) > MAX_BYTES and (session.note or session.digits or session.keys or session.steps):
            session.note = ""
            kept: dict[str, Any] = session.digits or session.keys or session.steps
            kept.pop(next(iter(kept), ""), None)
            sealed = self._sealer.seal(asdict(session))
        return sealed


def _session(content: Any) -> WebSession:
    if not isinstance(content, dict):
        return WebSession()
    try:
        signed_in = content.pop("signed_in")
        return WebSession(signed_in=SignedIn(**signed_in) if signed_in else None, **content)
    except (KeyError, TypeError):  # made by another version of the gateway
        return WebSession()


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
