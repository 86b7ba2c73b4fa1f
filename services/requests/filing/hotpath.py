"""The one route that carries the load goes straight to its use case; all others go through FastAPI.

FastAPI's middleware, dependency and response machinery costs about half of a small POST (docs/performance.md). The
route is declared in `api.py` like every other, which documents it; this answers it the same way, by the same function.
"""

import re
from typing import Any

import structlog
from fastapi import FastAPI
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from services.requests.filing.api.filing import filing
from services.requests.request.dependencies import blind_key
from shared.auth import demand
from shared.errors import BadRequestError, Problem, UnavailableError, problem_response
from shared.rights import Right

log = structlog.get_logger(__name__)
KEY = re.compile("[!-~]{1,100}")
METHOD, PATH = "POST", "/api/v1/requests"


async def key_of(request: Request) -> str:
    """What FastAPI reads from the declaration of the route. Raises BadRequestError."""
    key = request.headers.get("idempotency-key", "")
    if not KEY.fullmatch(key):
        raise BadRequestError("idempotency-key-required")
    return await blind_key(request, key)


class RequestsApp(FastAPI):
    """A FastAPI application that answers its hot route itself.

    `outages` are the errors that mean "the store is away": answered 503, since a retry with the same key tells.
    """

    def __init__(self, outages: tuple[type[BaseException], ...], **settings: Any) -> None:
        super().__init__(**settings)
        self.outages = outages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the hot route, or do what FastAPI does."""
        hot = scope["type"] == "http" and scope["path"] == PATH and scope["method"] == METHOD
        if not hot or scope["query_string"]:
            await super().__call__(scope, receive, send)
            return
        scope["app"] = self
        request = Request(scope, receive)
        try:
            principal = await self.state.authenticator.principal(request.headers.get("authorization"))
            demand(principal, Right.FILE, request)
            response = await filing(request, principal, await key_of(request))
        except Problem as problem:
            response = problem_response(problem, request)
        except self.outages:
            response = problem_response(UnavailableError(headers={"Retry-After": "2"}), request)
        except Exception as error:
            log.error("http.unexpected", path=PATH, error=type(error).__name__, exc_info=error)
            response = problem_response(Problem(), request)
        await response(scope, receive, send)
