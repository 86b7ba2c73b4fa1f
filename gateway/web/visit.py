"""One request for a page: the session, the language, and the responses that a handler can give."""

import gzip
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from gateway.compression import accepts_gzip, cacheable
from gateway.live.streams import LiveStreams
from gateway.settings import GatewaySettings
from gateway.web.assets import MIN_COMPRESSED
from gateway.web.forms.form import Form
from gateway.web.portal import Portal, segment
from gateway.web.rendering import OTHER, Renderer
from gateway.web.session import Sealer, WebSession, form_token
from gateway.web.words import Translator
from shared.auth import Authenticator, Principal
from shared.errors import Problem

HTML = "text/html; charset=utf-8"
NO_STORE = "no-store"
REVALIDATED = "private, no-cache"
SEE_OTHER, NO_CONTENT = 303, 204


class LiveResponse(Response):
    """A live stream, opened with the cookie, because a browser's EventSource sends no other credential.

    If the stream cannot begin, the response has only a status.
    """

    def __init__(
        self,
        streams: LiveStreams,
        path: str,
        query: str,
        headers: dict[str, str],
        client: Callable[[], Awaitable[Principal | str]],
    ) -> None:
        """`path` and `query` are those of the stream in the API; `client` returns its account or address."""
        super().__init__(headers={"Cache-Control": "no-store"})
        self._streams, self._path, self._query, self._forwarded, self._client = streams, path, query, headers, client

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve the stream."""
        stream = {**scope, "path": self._path, "query_string": self._query.encode()}
        cookies = [(name, value) for name, value in self.raw_headers if name == b"set-cookie"]

        async def with_cookies(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *cookies]
            await send(message)

        try:
            await self._streams.serve(stream, receive, with_cookies, self._forwarded, await self._client())
        except Problem as problem:
            await Response(status_code=problem.status, headers=problem.headers)(scope, receive, with_cookies)


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
    streams: LiveStreams | None = None
    authenticator: Authenticator | None = None
    session_ended: bool = False
    """Whether the session had ended before this request."""
    former_account: str = ""
    """The account of a session that has ended."""
    started: float = field(default_factory=time.time)
    """When the page was requested: its stream sends what happens from then on."""
    private: bool = False
    """Whether the response contains personal data, so that it must not be stored."""

    @property
    def words(self) -> Translator:
        """The language of this page."""
        return self.renderer.words[self.language]

    @property
    def account(self) -> str:
        """The signed-in account; empty if there is none."""
        return self.session.signed_in.account if self.session.signed_in else ""

    @property
    def role(self) -> str:
        """The role of the signed-in account; empty if there is none."""
        return self.session.signed_in.role if self.session.signed_in else ""

    def say(self, text: str, **values: object) -> str:
        """A text, translated into the language of this page."""
        return self.words.say(text, **values)

    def query(self, name: str, default: str = "") -> str:
        """A query parameter, without spaces around it."""
        return self.request.query_params.get(name, default).strip()

    def url(self, path: str, language: str | None = None, /, **query: str | int | None) -> str:
        """The address of a page in this language (or another), with an optional query."""
        pairs = [(name.rstrip("_"), value) for name, value in query.items() if value not in (None, "")]
        prefix = "/ur" if (language or self.language) == "ur" else ""
        return f"{prefix}{path}{f'?{urlencode(pairs)}' if pairs else ''}"

    def absolute(self, path: str) -> str:
        """The absolute address of a page, for paper and QR codes."""
        return f"{self.settings.public_url.rstrip('/')}{self.url(path)}"

    def go(self, path: str, note: str = "", **query: str | int | None) -> Response:
        """Redirect to another page, which shows the note once."""
        self.session.note = note or self.session.note
        by_script = self.request.headers.get("x-requested-with") == "script"  # the script opens the next page itself
        headers = {"Location": self.url(path, **query), "Cache-Control": NO_STORE}
        return Response(status_code=NO_CONTENT if by_script else SEE_OTHER, headers=headers)

    def live(self, path: str, query: str = "") -> Response:
        """The live stream at an address of the API, for the signed-in account or else for the client's address.

        It begins after the browser's last event, or at the time of the page (`since`).
        """
        assert self.streams is not None
        headers = {**self.portal.headers, "Accept-Language": self.language}
        last = self.request.headers.get("last-event-id") or self.query("since")
        if self.portal.access_token:
            headers["Authorization"] = f"Bearer {self.portal.access_token}"
        headers |= {"Last-Event-ID": last} if last else {}
        return LiveResponse(self.streams, path, query, headers, self._stream_client)

    async def _stream_client(self) -> Principal | str:
        """The account or address of a stream. Raises Problem if there were too many streams."""
        assert self.authenticator is not None
        portal = self.portal
        if not portal.access_token:
            portal.limits.take("public-live", portal.address)
            return portal.address
        portal.limits.take("live", portal.client)
        return await self.authenticator.principal(f"Bearer {portal.access_token}")

    def page(self, template: str, status: int = 200, **context: Any) -> Response:
        """A page of a template. A form with errors has the status of the refusal, or 422, unless another is given."""
        if status == 200 and self.form.failed:
            status = self.form.status
        html = self.renderer.page(template, self.language, {**self._context(), **context})
        body = html.encode()
        if self.private or self.session.signed_in or status != 200 or self.request.method == "POST":
            return self._not_stored(body, status)
        headers = {"Content-Type": HTML, "Cache-Control": REVALIDATED}
        return cacheable(self.request, body, gzip.compress(body, 6) if accepts_gzip(self.request) else b"", headers)

    def _not_stored(self, body: bytes, status: int) -> Response:
        headers = {"Content-Type": HTML, "Cache-Control": NO_STORE, "Vary": "Accept-Encoding"}
        if len(body) < MIN_COMPRESSED or not accepts_gzip(self.request):
            return Response(body, status, headers)
        return Response(gzip.compress(body, 6), status, {**headers, "Content-Encoding": "gzip"})

    def _context(self) -> dict[str, Any]:
        """What every template may use besides the values of its handler."""
        note, self.session.note = self.session.note, ""
        query = self.request.url.query
        other = self.url(self.path, OTHER[self.language])
        return {
            "url": self.url,
            "absolute": self.absolute,
            "path": self.path,
            "args": {name: segment(value) for name, value in self.args.items()},
            "here": self.url(self.path),
            "other_url": f"{other}?{query}" if query and self.request.method == "GET" else other,
            "form": self.form,
            "form_token": self._form_token,
            "me": self.session.signed_in,
            "note": note,
            "ended": self.session_ended,
            "now": round(self.started * 1000),
            "settings": self.settings,
        }

    def _form_token(self) -> str:
        """A token for a form; a page with a token must not be stored."""
        self.private = True
        return form_token(self.session)


Handler = Callable[[Visit], Awaitable[Response]]
