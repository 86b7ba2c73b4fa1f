"""Reject query parameters that a route does not declare: a client would assume that its filter was applied."""

from collections.abc import Collection, Iterable
from typing import Any

from fastapi import Depends, Request, params
from fastapi.dependencies.utils import get_flat_params

from shared.errors import MAX_ERRORS, InvalidError, field_error, language_of, pointer_of

PARAMETERS: dict[int, tuple[Any, frozenset[str]]] = {}
"""Cache: each route and its query parameters, by the id of the route object."""


def require_known(names: Iterable[str], known: Collection[str], language: str) -> None:
    """Raise InvalidError with a pointer to each unknown parameter."""
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    if unknown:
        raise InvalidError(
            errors=[field_error(pointer_of([name]), "unknown", language) for name in unknown[:MAX_ERRORS]]
        )


async def only_known(request: Request) -> None:
    """A dependency that rejects undeclared query parameters, for routes that are not `shared.routes.Route`s."""
    if not request.scope["query_string"]:
        return
    require_known(request.query_params, query_parameters(request.scope["route"]), language_of(request.headers))


def query_parameters(route: Any) -> frozenset[str]:
    """The names of the query parameters that a route declares."""
    if id(route) not in PARAMETERS:
        elsewhere = params.Path | params.Header | params.Cookie
        fields = get_flat_params(route.dependant)
        names = frozenset(field.alias for field in fields if not isinstance(field.field_info, elsewhere))
        PARAMETERS[id(route)] = route, names
    return PARAMETERS[id(route)][1]


OnlyKnown = Depends(only_known)
