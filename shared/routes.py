"""Routes of services: each requires exactly one right or is public, and parses its JSON body strictly.

A module with any other route cannot be imported.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Literal

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.routing import APIRoute
from starlette.responses import Response
from starlette.routing import BaseRoute

from shared.auth import public
from shared.errors import BODY_PROBLEM, Problem, language_of
from shared.jsonbody import parse_object, read_body
from shared.openapi import calls_of
from shared.queries import query_parameters, require_known


class RouteRefusedError(Exception):
    """A route without exactly one guard, or whose body accepts unknown fields."""


class JsonRequest(Request):
    """A request with a parsed JSON body; `value` is False for a body that could not be parsed."""

    def __init__(self, request: Request, content: bytes, value: dict[str, Any] | Literal[False]) -> None:
        super().__init__(request.scope, request.receive)
        self._content = content
        self._value = value

    async def body(self) -> bytes:
        """The bytes of the body."""
        return self._content

    async def json(self) -> Any:
        """The parsed object."""
        return self._value


class Route(APIRoute):
    """A route with one guard, whose body accepts no unknown fields and is parsed by `shared.jsonbody`.

    It rejects query parameters that it does not declare, before anything else, or with `ignore_unknown_query` ignores
    them.
    """

    def __init__(
        self, path: str, endpoint: Callable[..., Any], *, ignore_unknown_query: bool = False, **settings: Any
    ) -> None:
        self._ignore_unknown_query = ignore_unknown_query
        super().__init__(path, endpoint, **settings)
        self.settings = settings
        guards = {call for call in calls_of(self.dependant) if call is public or hasattr(call, "right")}
        if len(guards) != 1:
            raise RouteRefusedError(f"{path} needs exactly one of needs(Right.X) and Public")
        body: Any = self.body_field and self.body_field.field_info.annotation
        if body and body.model_config.get("extra") != "forbid":
            raise RouteRefusedError(f"the body of {path} accepts unknown fields")

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler; overriding this is FastAPI's documented way to parse bodies differently."""
        answer = super().get_route_handler()
        reads_body = self.body_field is not None
        optional = self.body_field is not None and not self.body_field.field_info.is_required()

        async def read_and_answer(request: Request) -> Response:
            # A dependency for this would cost every request as much as its guard does.
            if request.scope["query_string"] and not self._ignore_unknown_query:
                require_known(request.query_params, query_parameters(self), language_of(request.headers))
            return await answer(await read_json(request, optional=optional) if reads_body else request)

        return read_and_answer


class Router(APIRouter):
    """FastAPI's router, whose routes are `Route`s."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(route_class=Route, **settings)

    def include_router(self, router: APIRouter) -> None:  # type: ignore[override]
        """Add the routes of another router as they are, with the paths, tags and guards of their own router.

        FastAPI would search a tree of routers for each request, and making a route anew costs milliseconds.
        """
        self.routes += router.routes


def add_routes(app: FastAPI, router: Router, *, ignore_unknown_query: bool = False) -> None:
    """Add the routes of a router to an application; `ignore_unknown_query`: they accept unknown query parameters."""
    app.router.routes += map(_accepting_any_query, router.routes) if ignore_unknown_query else router.routes


def _accepting_any_query(route: BaseRoute) -> Route:
    assert isinstance(route, Route)
    return Route(route.path, route.endpoint, ignore_unknown_query=True, **route.settings)


async def read_json(request: Request, *, optional: bool) -> Request:
    """The request with its JSON body parsed.

    A problem is answered only after the guard has accepted the caller: the body is False, which FastAPI rejects, and
    `shared.errors` then answers the problem stored in the scope.
    """
    headers = request.headers
    if optional and "transfer-encoding" not in headers and headers.get("content-length", "0") == "0":
        return JsonRequest(request, b"", {})
    try:
        content = await read_body(request)
        return JsonRequest(request, content, parse_object(content, language_of(headers)))
    except Problem as problem:
        request.scope[BODY_PROBLEM] = problem
        return JsonRequest(request, b"false", False)


def use(name: str) -> Any:
    """A dependency: the object at `app.state.<name>`."""

    async def used(request: Request) -> Any:
        return getattr(request.app.state, name)

    return Depends(used)
