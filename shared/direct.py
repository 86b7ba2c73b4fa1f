"""Calling endpoints directly: FastAPI's own way takes longer than all the rest of a short request.

FastAPI still reads the declarations, validates parameters and describes the routes. Its own way is needed for bodies,
for answers that it writes itself, and for everything else in `OTHER_NEEDS`.
"""

import inspect
from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import Any, cast, get_type_hints

from fastapi.dependencies.models import Dependant
from fastapi.dependencies.utils import request_params_to_args
from fastapi.exceptions import RequestValidationError
from starlette.requests import Request
from starlette.responses import Response

SOURCES = {"path_params": "path_params", "query_params": "query_params", "header_params": "headers"}
"""The kinds of a function's parameters, and the part of a request from which each is read."""
OTHER_NEEDS = (
    "cookie_params",
    "body_params",
    "websocket_param_name",
    "http_connection_param_name",
    "response_param_name",
    "background_tasks_param_name",
    "security_scopes_param_name",
    "concurrency",
)


def can_be_direct(dependant: Dependant) -> bool:
    """Whether the endpoint returns a response, and all functions get the request and parts of it only."""
    returned = get_type_hints(dependant.call).get("return")
    return inspect.isclass(returned) and issubclass(returned, Response) and _is_plain(dependant)


def _is_plain(function: Dependant) -> bool:
    if any(getattr(function, need) for need in OTHER_NEEDS) or not inspect.iscoroutinefunction(function.call):
        return False
    return all(map(_is_plain, function.dependencies))


class DirectCall:
    """An endpoint or a dependency, with the sources of its arguments."""

    def __init__(self, dependant: Dependant) -> None:
        self._name = dependant.name
        self._function = cast(Callable[..., Awaitable[Any]], dependant.call)
        self._request = dependant.request_param_name
        self._dependencies = [DirectCall(each) for each in dependant.dependencies]
        found = [(attrgetter(source), getattr(dependant, kind)) for kind, source in SOURCES.items()]
        self._parameters = [(source, fields) for source, fields in found if fields]

    async def answer(self, request: Request) -> Response:
        """The endpoint's response. Raises RequestValidationError, and whatever the functions raise."""
        arguments, errors = await self._arguments(request, {})
        if errors:
            raise RequestValidationError(errors)
        return cast(Response, await self._function(**arguments))

    async def _arguments(self, request: Request, results: dict[Any, Any]) -> tuple[dict[str, Any], list[Any]]:
        """Arguments and errors. As in FastAPI, each dependency is called once, even after an error of another one."""
        arguments: dict[str, Any] = {self._request: request} if self._request else {}
        errors = []
        for each in self._dependencies:
            if each._function not in results:
                needed, wrong = await each._arguments(request, results)
                errors += wrong
                if wrong:
                    continue
                results[each._function] = await each._function(**needed)
            if each._name:
                arguments[each._name] = results[each._function]
        for source, fields in self._parameters:
            read, wrong = request_params_to_args(fields, source(request))
            arguments |= read
            errors += wrong
        return arguments, errors
