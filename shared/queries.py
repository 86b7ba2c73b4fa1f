"""Refuse query parameters that a route does not know: a client would believe that its filter was applied."""

from collections.abc import Collection, Iterable
from typing import Any

from fastapi import Depends, Request, params
from fastapi.dependencies.utils import get_flat_params

from shared.errors import MAX_ERRORS, InvalidError, field_error, language_of, pointer_of

TAKEN: dict[int, tuple[Any, frozenset[str]]] = {}
"""Routes and what they take, by the id of the route, which is kept with it: reading it from the declaration is slow."""


def demand_known(names: Iterable[str], known: Collection[str], language: str) -> None:
    """Raise InvalidError with a pointer to each parameter that is not known."""
    unknown = [name for name in dict.fromkeys(names) if name not in known]
    if unknown:
        raise InvalidError(
            errors=[field_error(pointer_of([name]), "unknown", language) for name in unknown[:MAX_ERRORS]]
        )


async def only_known(request: Request) -> None:
    """A dependency of all routes of a service: refuses query parameters that the route does not take."""
    if not request.scope["query_string"]:
        return
    demand_known(request.query_params, taken_by(request.scope["route"]), language_of(request.headers))


def taken_by(route: Any) -> frozenset[str]:
    """The names of the query parameters that a route takes."""
    if id(route) not in TAKEN:
        elsewhere = params.Path | params.Header | params.Cookie
        fields = get_flat_params(route.dependant)
        names = frozenset(field.alias for field in fields if not isinstance(field.field_info, elsewhere))
        TAKEN[id(route)] = route, names
    return TAKEN[id(route)][1]


OnlyKnown = Depends(only_known)
