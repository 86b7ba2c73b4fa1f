"""The one route that carries the load goes straight to its use case; all others go through FastAPI.

FastAPI's dependency, body and response machinery costs about half of a small POST (docs/performance.md). The route is
declared in `api.py` like every other, which documents it; this answers it the same way, by the same function.
"""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from services.requests.api import filing
from shared.auth import Role
from shared.errors import ForbiddenError, Problem, UnavailableError, problem_response

METHOD, PATH = "POST", "/api/v1/requests"


class HotPath:
    """An ASGI application in front of another: answers the hot route itself, and passes on everything else.

    `outages` are the errors that mean "the store is away": answered 503, since a retry with the same key tells.
    """

    def __init__(self, app: ASGIApp, outages: tuple[type[BaseException], ...]) -> None:
        self.app = app
        self.outages = outages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer or pass on."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != METHOD:
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive)
        try:
            principal = await request.app.state.authenticator.principal(request.headers.get("authorization"))
            if principal.role is not Role.CITIZEN:
                raise ForbiddenError
            response = await filing(request, principal)
        except Problem as problem:
            response = problem_response(problem, request)
        except self.outages:
            response = problem_response(UnavailableError(headers={"Retry-After": "2"}), request)
        await response(scope, receive, send)
