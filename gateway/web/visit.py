"""One request for a page: the visitor, the language, and the answers that a handler can give."""

import gzip
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from gateway.settings import GatewaySettings
from gateway.web.assets import SMALLEST, packed, takes_gzip
from gateway.web.forms.form import Form
from gateway.web.guard import form_token
from gateway.web.live import LiveResponse, LiveServer
from gateway.web.portal import Portal
from gateway.web.rendering import OTHER, Renderer
from gateway.web.session import Sealer, WebSession
from gateway.web.words import Translator
from shared.auth import Authenticator, Principal

HTML = "text/html; charset=utf-8"
UNKEPT = "no-store"
CHECKED = "private, no-cache"
SEE_OTHER, NO_CONTENT = 303, 204
Query = Mapping[str, str | int | None]


@dataclass
class Visit:
    """What a handler works with. `path` is the address without its language, `args` its variable segments."""

    request: Request
    settings: GatewaySettings
    renderer: Renderer
    sealer: Sealer
    session: WebSession
    portal: Portal
    language: str
    path: str
    args: dict[str, str] = field(default_factory=dict)
    form: Form = field(default_factory=Form)
    streams: LiveServer | None = None
    authenticator: Authenticator | None = None
    ended: bool = False
    """Whether the session was over when this request came."""
    former: str = ""
    """The account of a session that was over."""
    began: float = field(default_factory=time.time)
    """When it was asked for: what happens from then on is told by the page's stream."""
    personal: bool = False
    """Whether the answer tells something about a person, so that nobody may keep it."""

    @property
    def words(self) -> Translator:
        """The language of this page."""
        return self.renderer.words[self.language]

    def say(self, text: str, **values: object) -> str:
        """A text in the language of this page."""
        return self.words.say(text, **values)

    def query(self, name: str, default: str = "") -> str:
        """A parameter of the address, without spaces around it."""
        return self.request.query_params.get(name, default).strip()

    def url(self, path: str, language: str | None = None, /, **query: str | int | None) -> str:
        """The address of a page in this language (or another), with a query where one is given."""
        pairs = [(name.rstrip("_"), value) for name, value in query.items() if value not in (None, "")]
        prefix = "/ur" if (language or self.language) == "ur" else ""
        return f"{prefix}{path}{f'?{urlencode(pairs)}' if pairs else ''}"

    def absolute(self, path: str) -> str:
        """The whole address of a page, for paper and codes."""
        return f"{self.settings.public_url.rstrip('/')}{self.url(path)}"

    def go(self, path: str, note: str = "", **query: str | int | None) -> Response:
        """Lead on to another page, which says the note once."""
        self.session.note = note or self.session.note
        by_script = self.request.headers.get("x-requested-with") == "script"  # which opens the next page itself
        headers = {"Location": self.url(path, **query), "Cache-Control": UNKEPT}
        return Response(status_code=NO_CONTENT if by_script else SEE_OTHER, headers=headers)

    def live(self, path: str, query: str = "") -> Response:
        """The stream at an address of the API, for the account that is signed in or, with none, for the address.

        It begins where the browser says that it stopped, or at the page's own time (`since`).
        """
        assert self.streams is not None
        sent = {**self.portal.headers, "Accept-Language": self.language}
        last = self.request.headers.get("last-event-id") or self.query("since")
        if self.portal.access_token:
            sent["Authorization"] = f"Bearer {self.portal.access_token}"
        return LiveResponse(self.streams, path, query, sent | ({"Last-Event-ID": last} if last else {}), self._watcher)

    async def _watcher(self) -> Principal | str:
        """Whose stream it is. Raises Problem when there were too many."""
        assert self.authenticator is not None
        portal = self.portal
        if not portal.access_token:
            portal.limits.take("public-live", portal.address)
            return portal.address
        portal.limits.take("live", portal.who)
        return await self.authenticator.principal(f"Bearer {portal.access_token}")

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page of a template. A form that failed is answered 422 unless another status is given."""
        if status == 200 and self.form.failed:
            status = 422
        html = self.renderer.page(template, self.language, {**self._context(), **context})
        body = html.encode()
        if self.personal or self.session.signed_in or status != 200 or self.request.method == "POST":
            return self._unkept(body, status)
        headers = {"Content-Type": HTML, "Cache-Control": CHECKED}
        return packed(self.request, body, gzip.compress(body, 6) if takes_gzip(self.request) else b"", headers)

    def _unkept(self, body: bytes, status: int) -> Response:
        headers = {"Content-Type": HTML, "Cache-Control": UNKEPT, "Vary": "Accept-Encoding"}
        if len(body) < SMALLEST or not takes_gzip(self.request):
            return Response(body, status, headers)
        return Response(gzip.compress(body, 6), status, {**headers, "Content-Encoding": "gzip"})

    def _context(self) -> dict[str, Any]:
        """What every template may use besides what its handler gives."""
        note, self.session.note = self.session.note, ""
        query = self.request.url.query
        other = self.url(self.path, OTHER[self.language])
        return {
            "url": self.url,
            "absolute": self.absolute,
            "path": self.path,
            "here": self.url(self.path),
            "other_url": f"{other}?{query}" if query and self.request.method == "GET" else other,
            "form": self.form,
            "form_token": self._form_token,
            "me": self.session.signed_in,
            "note": note,
            "ended": self.ended,
            "now": round(self.began * 1000),
            "settings": self.settings,
        }

    def _form_token(self) -> str:
        """A token for a form; a page that carries one is nobody's to keep."""
        self.personal = True
        return form_token(self.session)


Handler = Callable[[Visit], Awaitable[Response]]
