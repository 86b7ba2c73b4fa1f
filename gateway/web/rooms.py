"""Rooms: the addresses of the pages, the roles that may open them, and the handler of each."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pkgutil import walk_packages
from typing import Any

from starlette.responses import Response
from starlette.routing import compile_path

from gateway.web.portal import segment
from gateway.web.rendering import ROOMS
from gateway.web.visit import Handler, Visit

ANYBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One address and method. Without `roles` everybody may open it, signed in or not."""

    room: str
    method: str
    path: str
    handler: Handler
    roles: frozenset[str] = ANYBODY
    limited: bool = False
    """Whether it is open to an account that still needs a second factor, or a password of its own."""
    token: bool = True
    """Whether a form must carry its token; a form without one must not change anything."""
    max_bytes: int = 0
    """The largest form; 0 stands for the usual limit."""
    again: Handler | None = None
    """Shows the form with its errors. Without it the handler deals with refusals, and raises no FormError."""
    names: Mapping[str, str] | None = None
    """The fields by the API's pointers and codes of problems, where they differ (`Form.refuse`)."""


@dataclass
class PageRoom:
    """The pages for one group of people."""

    name: str
    roles: frozenset[str] = ANYBODY
    pages: list[PageRoute] = field(default_factory=list)

    def get(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Show a page at this address."""
        return self._adding("GET", path, options)

    def post(self, path: str, **options: Any) -> Callable[[Handler], Handler]:
        """Take a form at this address. A GET of the same address shows the form."""
        return self._adding("POST", path, options)

    def template(self, path: str, template: str, **options: Any) -> Handler:
        """Show a page that needs no data; returns its handler."""

        async def show(visit: Visit) -> Response:
            return visit.page(template)

        return self.get(path, **options)(show)

    def redirect(self, path: str, address: str) -> None:
        """Lead elsewhere from the address of a form that has no page of its own, as after a change of language."""

        async def go(visit: Visit) -> Response:
            return visit.go(address.format(**{name: segment(value) for name, value in visit.args.items()}))

        self.get(path)(go)

    def _adding(self, method: str, path: str, options: dict[str, Any]) -> Callable[[Handler], Handler]:
        def add(handler: Handler) -> Handler:
            self.pages.append(PageRoute(self.name, method, path, handler, **{"roles": self.roles, **options}))
            return handler

        return add


class PageIndex:
    """Finds the page of an address."""

    def __init__(self, rooms: Iterable[PageRoom]) -> None:
        """Raises ValueError if two pages have the same address."""
        self._fixed: dict[str, dict[str, PageRoute]] = {}
        self.pages = [page for room in rooms for page in room.pages]
        for page in self.pages:
            pages = self._fixed.setdefault(page.path, {})
            if page.method in pages:
                raise ValueError(f"two pages at {page.method} {page.path}")
            pages[page.method] = page
        variable = sorted((path for path in self._fixed if "{" in path), key=lambda path: path.count("{"))
        self._patterns = [(compile_path(path)[0], self._fixed[path]) for path in variable]  # the most exact one first

    def find(self, path: str) -> tuple[dict[str, PageRoute], dict[str, str]]:
        """The pages at an address by method, and its variable segments; both are empty if there is none."""
        if path in self._fixed:
            return self._fixed[path], {}
        for pattern, pages in self._patterns:
            if match := pattern.match(path):
                return pages, match.groupdict()
        return {}, {}


def all_rooms() -> list[PageRoom]:
    """All rooms; imports their modules, which adds the pages."""
    rooms: list[PageRoom] = []
    for name in ROOMS:
        package = import_module(f"gateway.web.{name}")
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            import_module(module.name)
        rooms.append(import_module(f"{package.__name__}.room").room)
    return rooms
