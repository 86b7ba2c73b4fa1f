"""Rooms: the addresses of the pages, who may enter, and the handler of each."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import compile_path

from gateway.web.visit import Handler

ANYBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class PageRoute:
    """One address and method. `roles` empty lets everybody in, signed in or not."""

    room: str
    method: str
    path: str
    handler: Handler
    roles: frozenset[str] = ANYBODY
    limited: bool = False
    """Whether a session may come that still has to get its second factor, or a password of its own."""
    token: bool = True
    """Whether a form has to carry its token; without it a form may change nothing."""
    most_bytes: int = 0
    """How large a posted form may be; 0 stands for the usual."""


@dataclass
class PageRoom:
    """The pages for one kind of people."""

    name: str
    roles: frozenset[str] = ANYBODY
    pages: list[PageRoute] = field(default_factory=list)

    def get(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        """Show a page at this address."""
        return self._taking("GET", path, how)

    def post(self, path: str, **how: Any) -> Callable[[Handler], Handler]:
        """Take a form at this address. A GET of the same address shows the form."""
        return self._taking("POST", path, how)

    def _taking(self, method: str, path: str, how: dict[str, Any]) -> Callable[[Handler], Handler]:
        def keep(handler: Handler) -> Handler:
            self.pages.append(PageRoute(self.name, method, path, handler, **{"roles": self.roles, **how}))
            return handler

        return keep


class PageIndex:
    """Finds the page of an address."""

    def __init__(self, rooms: Iterable[PageRoom]) -> None:
        """Raises ValueError where two pages have one address."""
        self._fixed: dict[str, dict[str, PageRoute]] = {}
        self._patterns = []
        self.pages = [page for room in rooms for page in room.pages]
        for page in self.pages:
            pages = self._fixed.setdefault(page.path, {})
            if page.method in pages:
                raise ValueError(f"two pages at {page.method} {page.path}")
            pages[page.method] = page
        self._patterns = [(compile_path(path)[0], pages) for path, pages in self._fixed.items() if "{" in path]

    def find(self, path: str) -> tuple[dict[str, PageRoute], dict[str, str]]:
        """The pages at an address by their methods, and its variable segments; nothing where there is none."""
        if path in self._fixed:
            return self._fixed[path], {}
        for pattern, pages in self._patterns:
            if match := pattern.match(path):
                return pages, match.groupdict()
        return {}, {}
