"""Who uses the pages: an encrypted cookie in the browser, and nothing kept in the gateway.

The cookie is sealed with Fernet (AES-128-CBC and HMAC-SHA256); one that was cut, altered or sealed with another key
counts as none. Several gateways with the same key share the sessions, and a restart ends none.
"""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

MAX_BYTES = 4000
"""What a browser keeps of one cookie (RFC 6265 §6.1 asks for 4096 with its name and attributes)."""
MAX_NUMBERS = 3


@dataclass(frozen=True, slots=True)
class SignedIn:
    """An account and its tokens. Times are seconds since 1970; a limited session may only be completed."""

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
    """Where a member of staff works, in both languages."""

    @classmethod
    def of(cls, answer: Mapping[str, Any], before: "SignedIn | None" = None) -> "SignedIn":
        """What identity granted, by the body of its answer; name and place are those from before."""
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
    """All that the pages remember of one browser.

    `form` is the secret of its forms, `digits` and `keys` open tracked and anonymous requests by their numbers,
    `note` is said once on the next page, `steps` is what a way of several pages has to remember.
    """

    form: str = ""
    signed_in: SignedIn | None = None
    digits: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    note: str = ""
    steps: dict[str, Any] = field(default_factory=dict)

    def sign_in(self, signed_in: SignedIn) -> None:
        """Begin a session; forms from before it are no longer taken."""
        self.form = secrets.token_hex(16)
        self.signed_in = signed_in
        self.steps = {}

    def sign_out(self) -> None:
        """Forget the person; what belongs to the browser alone goes too, since the next person may be another."""
        self.form = self.note = ""
        self.signed_in = None
        self.digits, self.keys, self.steps = {}, {}, {}

    def remember(self, place: dict[str, str], number: str, secret: str) -> None:
        """Keep what opens a request in `digits` or `keys`; only the last few are kept."""
        place.pop(number, None)
        place[number] = secret
        while len(place) > MAX_NUMBERS:
            place.pop(next(iter(place)))


class Sealer:
    """Seals what leaves in a cookie or a hidden field and comes back, with the first key; opens with any."""

    def __init__(self, keys: Sequence[str]) -> None:
        """`keys` are base64 texts of 32 bytes each. Raises ValueError when one is not."""
        self._fernet = MultiFernet([Fernet(key.replace("+", "-").replace("/", "_").encode()) for key in keys])

    def seal(self, content: Any) -> str:
        """JSON content as text that only we can read or make."""
        return self._fernet.encrypt(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).decode()

    def open(self, text: str, seconds: int | None = None) -> Any:
        """What was sealed, at most so many seconds ago; None for everything else."""
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
        """The session in a Cookie header; an empty one where there is none that we made."""
        for pair in header.split(";"):
            name, _, value = pair.strip().partition("=")
            if name == self.name:
                return _session(self._sealer.open(value))
        return WebSession()

    def write(self, session: WebSession) -> str:
        """The Set-Cookie header that keeps this session, or drops an empty one. It ends with the browser."""
        attributes = f"Path=/; HttpOnly; SameSite=Lax{'; Secure' if self._https else ''}"
        if session == WebSession():
            return f"{self.name}=; Max-Age=0; {attributes}"
        return f"{self.name}={self._fitting(session)}; {attributes}"

    def _fitting(self, session: WebSession) -> str:
        """The sealed session; where it would be too long for a browser, without what is easiest to type again.

        A browser would keep the older cookie, whose token is used up, and its person would be signed out.
        """
        sealed = self._sealer.seal(asdict(session))
        while len(sealed) > MAX_BYTES and (session.note or session.digits or session.keys or session.steps):
            session.note = ""
            place: dict[str, Any] = session.digits or session.keys or session.steps
            place.pop(next(iter(place), ""), None)
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
