"""Every route of every service with its rights, read from the applications."""

import base64
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from shared.auth import public
from shared.openapi import calls_of
from shared.rights import RIGHTS, Right, Role
from shared.routes import Route
from shared.settings import Settings

SERVICES = ("identity", "requests", "routing", "notifier")
KEYS = {name: base64.b64encode(name[:1].encode() * 32).decode() for name in ("data_key", "index_key", "web_key")}
OWN_PATHS = re.compile(r"/health/(live|ready|startup)|/metrics|/openapi\.json")


@dataclass(frozen=True)
class Served:
    """A method and path of a service, with its dependencies."""

    service: str
    method: str
    path: str
    dependencies: tuple[Callable[..., Any], ...]

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def rights(self) -> list[Right]:
        """The rights that `needs` requires."""
        return [call.right for call in self.dependencies if hasattr(call, "right")]

    @property
    def is_public(self) -> bool:
        """Whether it is open to everybody."""
        return public in self.dependencies

    @property
    def by_key(self) -> bool:
        """Whether the key of an anonymous request is accepted."""
        return any(getattr(call, "by_key", False) for call in self.dependencies)

    @property
    def roles(self) -> frozenset[Role]:
        """The roles that have all of these rights."""
        return frozenset(Role).intersection(*(RIGHTS[right] for right in self.rights))

    @property
    def example(self) -> str:
        """The path with an example for each parameter."""
        return re.sub(r"{\w+}", "RB-7F3K-9Q2M-E", self.path)


def settings_class(service: str) -> type[Settings]:
    """The settings class of a service."""
    found: type[Settings] = getattr(import_module(f"services.{service}.settings"), f"{service.capitalize()}Settings")
    return found


@cache
def app_of(service: str) -> FastAPI:
    """The application of a service, without connections."""
    settings = settings_class(service).model_validate({**KEYS, "env": "test"})
    app: FastAPI = import_module(f"services.{service}.app").build_app(settings)
    return app


def served() -> Iterator[Served]:
    """All routes of the services, except those for operators."""
    for service in SERVICES:
        for context in iter_route_contexts(app_of(service).routes):
            path = str(context.path)
            if OWN_PATHS.fullmatch(path):
                continue
            if not isinstance(context.original_route, Route):
                raise TypeError(f"{service} {path} is not made by shared.routes.Router")
            calls = tuple(calls_of(context.dependant))
            yield from (Served(service, method, path, calls) for method in sorted(context.methods or ()))
