"""The application of the pages: from a request at the door to a page, whatever happens on the way."""

from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.limits import Limits
from gateway.proxy import Proxy
from gateway.routes import PATH, MethodNotAllowedError, RouteTable
from gateway.settings import GatewaySettings
from gateway.streaming import ClientGoneError
from gateway.web import administration, citizen, counter, department, public, staff
from gateway.web.again import give_back
from gateway.web.assets import Assets
from gateway.web.entering import (
    FINISH,
    SignInNeededError,
    UnfinishedError,
    demand,
    end_session,
    keep_waiting,
    recognise,
)
from gateway.web.guard import from_our_pages, is_token_of
from gateway.web.live import LiveServer
from gateway.web.portal import Portal, RefusedError, Reply
from gateway.web.reading import MAX_FORM, FormBudget, Hand, read_form
from gateway.web.rendering import Renderer
from gateway.web.rooms import PageIndex, PageRoute
from gateway.web.session import Cookies, Sealer, WebSession
from gateway.web.shared_answers import SharedAnswers
from gateway.web.visit import Visit
from shared.auth import Authenticator
from shared.client_address import CLIENT_ADDRESS
from shared.errors import ForbiddenError, NotFoundError, Problem

ROOMS = (public.room, citizen.room, staff.room, department.room, counter.room, administration.room)
URDU = "/ur"
PASSED_ON = ("X-Request-Id", CLIENT_ADDRESS, "User-Agent", "traceparent", "Cookie")
"""What services see of the browser's own headers; all else is said by the pages."""
SHOWN_OF_ID = 8
"""So many signs of a request's id are told to people: enough to find it in the logs."""

log = structlog.get_logger(__name__)


class Web:
    """All pages. `proxy` and `streams` are set before the first request comes."""

    def __init__(self, settings: GatewaySettings, limits: Limits, authenticator: Authenticator) -> None:
        self._settings = settings
        self._limits = limits
        self._authenticator = authenticator
        self._table = RouteTable()
        self._assets = Assets()
        self._renderer = Renderer(self._assets)
        self._sealer = Sealer(settings.web_keys())
        self._cookies = Cookies(self._sealer, https=settings.public_url.startswith("https:"))
        self._directory = PageIndex(ROOMS)
        self._shared: SharedAnswers[Reply] = SharedAnswers()
        self._hand = Hand()
        self.proxy: Proxy | None = None
        self.streams: LiveServer | None = None

    async def serve(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], address: str) -> None:
        """Answer one request; `headers` go on to services; `address` is the client's, for the limits."""
        request = Request(scope, receive)
        response = self._assets.answer(request)
        if response is None:
            response = await self._answer(request, headers, address)
        await response(scope, receive, send)

    async def refuse(
        self, problem: Problem, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], address: str
    ) -> None:
        """Answer with a page what the door refused before anybody read it."""
        path = scope["path"] if PATH.fullmatch(scope["raw_path"]) else "/"
        request = Request({**scope, "path": path, "raw_path": path.encode(), "query_string": b""})
        visit = self._visit(request, WebSession(), headers, address)
        response = problem_page(visit, RefusedError.by(problem, visit.language))
        await response(scope, receive, send)

    async def _answer(self, request: Request, headers: Mapping[str, str], address: str) -> Response:
        session = self._cookies.read(request.headers.get("cookie", ""))
        before = repr(session)
        visit = self._visit(request, session, headers, address)
        try:
            response = await self._page_within(visit)
        except RefusedError as refused:
            response = await self._refused(visit, refused)
        except Problem as problem:
            response = await self._refused(visit, RefusedError.by(problem, visit.language))
        except ClientGoneError:
            raise
        except Exception as error:  # a mistake of ours: it costs nobody what they typed
            log.error("web.failed", request_id=request_id(visit), error=type(error).__name__, exc_info=error)
            response = await self._refused(visit, RefusedError.by(Problem(), visit.language))
        if repr(session) != before:
            response.headers.append("set-cookie", self._cookies.write(session))
        for kept in visit.portal.kept:
            response.headers.append("set-cookie", kept)
        return response

    def _visit(self, request: Request, session: WebSession, headers: Mapping[str, str], address: str) -> Visit:
        assert self.proxy is not None
        path = request.url.path
        language = "ur" if path == URDU or path.startswith(f"{URDU}/") else "en"
        own = (path[len(URDU) :] if language == "ur" else path) or "/"
        who = session.signed_in.account if session.signed_in else address
        sent = {name: headers[name] for name in PASSED_ON if name in headers}
        portal = Portal(self.proxy, self._table, self._limits, sent, language, who, address, shared=self._shared)
        return Visit(
            request, self._settings, self._renderer, self._sealer, session, portal, language, own,
            streams=self.streams, authenticator=self._authenticator,
        )  # fmt: skip

    async def _page_within(self, visit: Visit) -> Response:
        """The answer of a handler; afterwards nothing is kept of the files that came. Raises what `_page` raises."""
        with self._hand.room() as room:
            try:
                return await self._page(visit, room)
            finally:
                for _, file in visit.form.files:
                    await file.close()

    async def _page(self, visit: Visit, room: FormBudget) -> Response:
        """The answer of a handler, where nothing has to come first. Raises RefusedError, Problem."""
        pages, visit.args = self._directory.find(visit.path)
        page = chosen(pages, visit.request.method)
        posted = page.method == "POST"
        if posted:
            await take_form(visit, page, room)
        await recognise(visit)
        try:
            demand(visit, page)
        except SignInNeededError as needed:
            return await self._sign_in(visit, needed.address)
        except UnfinishedError:
            return visit.go(FINISH)
        if posted and visit.form.show and "GET" in pages:
            page = pages["GET"]
        elif posted and page.token and not is_token_of(visit.session, visit.form.token):
            return too_old(visit)
        return await page.handler(visit)

    async def _sign_in(self, visit: Visit, address: str) -> Response:
        """Ask for signing in, and come back here afterwards; a form that was sent waits meanwhile."""
        note = visit.say("You were signed out. Sign in again to go on.") if visit.ended else ""
        if visit.request.method != "POST":
            query = visit.request.url.query
            return visit.go(address, note, next=f"{visit.path}?{query}" if query else visit.path)
        visit.form = keep_waiting(visit)
        visit.session.note = visit.say("You were signed out. Sign in, and your form comes back.")
        visit.path = address
        return await self._directory.find(address)[0]["GET"].handler(visit)

    async def _refused(self, visit: Visit, refused: RefusedError) -> Response:
        """What to show where a service refused and the handler had no words of its own for it."""
        posted = visit.request.method == "POST"
        if refused.code == "enrolment-needed":
            return visit.go(FINISH)
        if refused.status == 401 and visit.session.signed_in:
            address = "/sign-in" if visit.session.signed_in.role == "citizen" else "/staff/sign-in"
            end_session(visit)
            return await self._sign_in(visit, address)
        if posted and visit.form.fields:
            resend = refused.status >= 500 or refused.status == 429
            return give_back(
                visit,
                refused.status,
                refused.title,
                refused.detail,
                resend=resend,
                wait=refused.retry_after,
                code=refused.code,
                errors=refused.errors,
            )
        return problem_page(visit, refused)


def chosen(pages: Mapping[str, PageRoute], method: str) -> PageRoute:
    """The page for a method. Raises NotFoundError, MethodNotAllowedError."""
    if not pages:
        raise NotFoundError
    if method not in pages:
        raise MethodNotAllowedError(headers={"Allow": ", ".join(sorted(pages))})
    return pages[method]


async def take_form(visit: Visit, page: PageRoute, room: FormBudget) -> None:
    """Read a form that one of our own pages sent. Raises ForbiddenError for any other, and what reading raises."""
    if not from_our_pages(visit.request.headers):
        log.info("web.foreign_form", path=page.path)
        raise ForbiddenError("foreign-form")
    visit.form = await read_form(visit.request, room, page.most_bytes or MAX_FORM)


def too_old(visit: Visit) -> Response:
    """The form came from before the browser's cookie was made anew: show it again, filled in."""
    return give_back(
        visit,
        409,
        visit.say("This page had been open for too long"),
        visit.say("Nothing was sent. What you typed is still here: look it over and send it again."),
        resend=False,
    )


def problem_page(visit: Visit, refused: RefusedError) -> Response:
    """A refusal as a page that says what to do."""
    asked = visit.request
    query = f"?{asked.url.query}" if asked.method == "GET" and asked.url.query else ""
    response = visit.page(
        "public/problem.html",
        refused.status,
        refused=refused,
        address=f"{visit.url(visit.path)}{query}",
        reference=request_id(visit)[:SHOWN_OF_ID],
    )
    if refused.retry_after:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def request_id(visit: Visit) -> str:
    """The id under which logs speak of this request."""
    return visit.portal.headers.get("X-Request-Id", "")
