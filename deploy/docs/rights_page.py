"""`docs/rights.md`: which role has which right, and which right each route asks for."""

from collections.abc import Iterable, Sequence

from deploy.docs.routes import SERVICES, Served, served
from gateway.openapi import STREAMS
from gateway.routes import PUBLIC, RouteTable
from shared.rights import ENROLLING, RIGHTS, Right, Role

INTRODUCTION = """# Who may do what

Written by `python -m deploy.docs` from `shared/rights.py` and the routes; `python -m deploy.docs --check` tells when it
is stale. `tests/integration/test_rights.py` walks every route with every role through the gateway of a running suite.

A route asks for exactly one right, or is open to everybody. A role has the right or gets 403; who has not signed in, or
whose session is over, gets 401. Which objects somebody may do it to is decided by the query where the data is: what is
not theirs is not found, 404.

A session that still has to get its second factor, or a password of its own, may use these rights only: {enrolling}.
"""


READS = {"/api/v1/events": Right.OWN_REQUESTS, "/api/v1/assignments/events": Right.WORK}
"""Which right the route asks for that a stream reads."""


def rights_page() -> str:
    """The page."""
    enrolling = ", ".join(f"`{right}`" for right in sorted(ENROLLING))
    parts = [INTRODUCTION.format(enrolling=enrolling), "## Rights", _rights()]
    routes = list(served())
    for service in SERVICES:
        parts += [f"## Routes of {service}", _routes(route for route in routes if route.service == service)]
    parts += ["## Live streams of the gateway", _streams()]
    return "\n\n".join(part.strip() for part in parts) + "\n"


def _rights() -> str:
    rows = [[f"`{right}`", *("yes" if role in RIGHTS[right] else "" for role in Role)] for right in Right]
    return table(["right", *Role], rows)


def _routes(routes: Iterable[Served]) -> str:
    lines = sorted(routes, key=lambda route: (route.path, route.method))
    return table(["route", "right", "who"], [[f"`{r.method} {r.path}`", _right(r), _who(r)] for r in lines])


def _right(route: Served) -> str:
    return "" if route.is_public else ", ".join(f"`{right}`" for right in route.rights)


def _who(route: Served) -> str:
    if route.is_public:
        return "everybody"
    return names_of(route.roles) + (", the holder of the request's key" if route.by_key else "")


def _streams() -> str:
    return table(["stream", "who"], [[f"`GET {path}`", _hearers(path)] for path in STREAMS])


def _hearers(path: str) -> str:
    if RouteTable().find("GET", path.replace("{number}", "RB-7F3K-9Q2M-E")).who == PUBLIC:
        return "everybody"
    return f"{names_of(RIGHTS[READS[path]])}: what they read asks for it"


def names_of(roles: Iterable[Role]) -> str:
    """Roles in the order of the table."""
    held = set(roles)
    return ", ".join(role for role in Role if role in held)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
