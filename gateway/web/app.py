"""The application of the pages: turns a request into a page, whatever goes wrong on the way."""

from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.limits import Limits
from gateway.live.streams import LiveStreams
from gateway.proxy import Proxy
from gateway.routes import PATH, MethodNotAllowedError, RouteTable
from gateway.settings import GatewaySettings
from gateway.streaming import ClientGoneError
from gateway.web.assets import Assets
from gateway.web.authentication import FINISH, end_session, page_before, refresh_session, seal_unsent_form
from gateway.web.form_body import MAX_FORM, FormBudget, FormMemory, read_form
from gateway.web.forms.form import FormError
from gateway.web.portal import Portal, PublicCache, RefusedError, Reply
from gateway.web.rendering import Renderer
from gateway.web.resending import resend_page
from gateway.web.rooms import PageIndex, PageRoute, all_rooms
from gateway.web.session import Cookies, Sealer, WebSession, is_same_origin, is_valid_token
from gateway.web.visit import Visit
from shared.auth import Authenticator
from shared.client_address import CLIENT_ADDRESS
from shared.errors import ForbiddenError, NotFoundError, Problem

URDU = "/ur"
PASSED_ON = ("X-Request-Id", CLIENT_ADDRESS, "User-Agent", "traceparent", "Cookie")
"""The browser's headers that services get; the pages set all others."""
REFERENCE_LETTERS = 8
"""Letters of the request id that an error page shows: enough to find it in the logs."""

log = structlog.get_logger(__name__)


class Web:
    """All pages. `proxy` and `streams` are set before the first request."""

    def __init__(self, settings: GatewaySettings, limits: Limits, authenticator: Authenticator) -> None:
        self._settings = settings
        self._limits = limits
        self._authenticator = authenticator
        self._table = RouteTable()
        self._assets = Assets()
        self._renderer = Renderer(self._assets)
        self._sealer = Sealer(settings.web_keys())
        self._cookies = Cookies(self._sealer, https=settings.public_url.startswith("https:"))
        self._index = PageIndex(all_rooms())
        self._cache: PublicCache[Reply] = PublicCache()
        self._form_memory = FormMemory()
        self.proxy: Proxy | None = None
        self.streams: LiveStreams | None = None

    async def serve(self, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], address: str) -> None:
        """Answer one request. `headers` are forwarded to services; `address` is the client's, for the limits."""
        request = Request(scope, receive)
        response = self._assets.answer(request)
        if response is None:
            response = await self._answer(request, headers, address)
        await response(scope, receive, send)

    async def refuse(
        self, problem: Problem, scope: Scope, receive: Receive, send: Send, headers: Mapping[str, str], address: str
    ) -> None:
        """Show a problem that occurred before the pages were reached."""
        path = scope["path"] if PATH.fullmatch(scope["raw_path"]) else "/"
        request = Request({**scope, "path": path, "raw_path": path.encode(), "query_string": b""})
        visit = self._visit(request, WebSession(), headers, address)
        response = problem_page(visit, RefusedError.from_problem(problem, visit.language))
        await response(scope, receive, send)

    async def _answer(self, request: Request, headers: Mapping[str, str], address: str) -> Response:
        session = self._cookies.read(request.headers.get("cookie", ""))
        before = repr(session)
        visit = self._visit(request, session, headers, address)
        try:
            response = await self._respond(visit)
        except RefusedError as refused:
            response = await self._refused(visit, refused)
        except Problem as problem:
            response = await self._refused(visit, RefusedError.from_problem(problem, visit.language))
        except ClientGoneError:
            raise
        except Exception as error:  # a bug of ours: what was typed must not be lost
            log.error("web.failed", request_id=request_id(visit), error=type(error).__name__, exc_info=error)
            response = await self._refused(visit, RefusedError.from_problem(Problem(), visit.language))
        if repr(session) != before:
            response.headers.append("set-cookie", self._cookies.write(session))
        for cookie in visit.portal.cookies:
            response.headers.append("set-cookie", cookie)
        return response

    def _visit(self, request: Request, session: WebSession, headers: Mapping[str, str], address: str) -> Visit:
        assert self.proxy is not None
        path = request.url.path
        language = "ur" if path == URDU or path.startswith(f"{URDU}/") else "en"
        own = (path[len(URDU) :] if language == "ur" else path) or "/"
        client = session.signed_in.account if session.signed_in else address
        passed_on = {name: headers[name] for name in PASSED_ON if name in headers}
        portal = Portal(self.proxy, self._table, self._limits, passed_on, language, client, address, cache=self._cache)
        return Visit(
            request, self._settings, self._renderer, self._sealer, session, portal, language, own,
            streams=self.streams, authenticator=self._authenticator,
        )  # fmt: skip

    async def _respond(self, visit: Visit) -> Response:
        """The response of a handler; closes the files of the form afterwards. Raises RefusedError, Problem."""
        with self._form_memory.budget() as budget:
            try:
                return await self._page(visit, budget)
            finally:
                for _, file in visit.form.files:
                    await file.close()

    async def _page(self, visit: Visit, budget: FormBudget) -> Response:
        """The response of a handler, or the page that must come first. Raises RefusedError, Problem."""
        pages, visit.args = self._index.find(visit.path)
        page = page_for(pages, visit.request.method)
        posted = page.method == "POST"
        if posted:
            await receive_form(visit, page, budget)
        await refresh_session(visit)
        if before := page_before(visit, page):
            return visit.go(FINISH) if before == FINISH else await self._sign_in(visit, before)
        if posted and visit.form.show and "GET" in pages:
            page = pages["GET"]
        elif posted and page.token and not is_valid_token(visit.session, visit.form.token):
            return stale_form_page(visit)
        return await handle(visit, page)

    async def _sign_in(self, visit: Visit, address: str) -> Response:
        """Lead to signing in and back here afterwards; a form that was sent is kept meanwhile."""
        note = visit.say("You were signed out. Sign in again to go on.") if visit.session_ended else ""
        if visit.request.method != "POST":
            query = visit.request.url.query
            return visit.go(address, note, next=f"{visit.path}?{query}" if query else visit.path)
        visit.form = seal_unsent_form(visit)
        visit.session.note = visit.say("You were signed out. Sign in, and your form comes back.")
        visit.path = address
        return await self._index.find(address)[0]["GET"].handler(visit)

    async def _refused(self, visit: Visit, refused: RefusedError) -> Response:
        """What to show after a refusal that the handler itself does not explain."""
        posted = visit.request.method == "POST"
        if refused.code == "enrolment-needed":
            return visit.go(FINISH)
        if refused.status == 401 and visit.role:
            address = "/sign-in" if visit.role == "citizen" else "/staff/sign-in"
            end_session(visit)
            return await self._sign_in(visit, address)
        if posted and visit.form.fields:
            resend = refused.status >= 500 or refused.status == 429
            return resend_page(visit, refused.status, refused.title, refused.detail, resend=resend, refused=refused)
        return problem_page(visit, refused)


def page_for(pages: Mapping[str, PageRoute], method: str) -> PageRoute:
    """The page for a method. Raises NotFoundError, MethodNotAllowedError."""
    if not pages:
        raise NotFoundError
    if method not in pages:
        raise MethodNotAllowedError(headers={"Allow": ", ".join(sorted(pages))})
    return pages[method]


async def handle(visit: Visit, page: PageRoute) -> Response:
    """The response of the page's handler; a form that has errors is shown again. Raises RefusedError, Problem."""
    try:
        return await page.handler(visit)
    except RefusedError as refused:
        if page.again is None:
            raise
        visit.form.refuse(refused, page.names)
    except FormError:
        assert page.again is not None
    return await page.again(visit)


async def receive_form(visit: Visit, page: PageRoute, budget: FormBudget) -> None:
    """Read a form that one of our pages sent. Raises ForbiddenError for any other, and the errors of `read_form`."""
    if not is_same_origin(visit.request.headers):
        log.info("web.foreign_form", path=page.path)
        raise ForbiddenError("foreign-form")
    visit.form = await read_form(visit.request, budget, page.max_bytes or MAX_FORM)


def stale_form_page(visit: Visit) -> Response:
    """The form's token belongs to an earlier cookie of the browser: show the form again, filled in."""
    return resend_page(
        visit,
        409,
        visit.say("This page had been open for too long"),
        visit.say("Nothing was sent. What you typed is still here: look it over and send it again."),
    )


def problem_page(visit: Visit, refused: RefusedError) -> Response:
    """A refusal as a page that says what to do."""
    request = visit.request
    query = f"?{request.url.query}" if request.method == "GET" and request.url.query else ""
    response = visit.page(
        "public/problem.html",
        refused.status,
        refused=refused,
        address=f"{visit.url(visit.path)}{query}",
        reference=request_id(visit)[:REFERENCE_LETTERS],
    )
    if refused.retry_after:
        response.headers["Retry-After"] = str(refused.retry_after)
    return response


def request_id(visit: Visit) -> str:
    """The id of this request in the logs."""
    return visit.portal.headers.get("X-Request-Id", "")
