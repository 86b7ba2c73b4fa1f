"""The room; its other modules add the pages, each at two addresses: for heads and for administrators."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from starlette.responses import Response

from gateway.web.portal import segment
from gateway.web.rooms import PageRoom
from gateway.web.visit import Handler, Visit
from shared.clock import PAKISTAN

HEADS = frozenset({"head", "appellate"})
ADMINISTRATORS = frozenset({"admin"})
MAX_DAYS, MAX_DIGITS = 31, 12
OWN, ANY = "/desk/connect", "/admin/departments/{code}/connect"

room = PageRoom("connecting", HEADS | ADMINISTRATORS)


@dataclass(frozen=True)
class ConnectPlace:
    """The department of the page: the address of its first page, and that of the department in the API."""

    home: str
    api: str
    code: str
    """Of an administrator's page; a head has only one department."""

    @property
    def subscriptions(self) -> str:
        """The address of its subscriptions in the API."""
        return f"{self.api}/subscriptions"

    @property
    def queues(self) -> str:
        """The address of its queues in the API."""
        return f"{self.api}/queues"


def place_of(visit: Visit) -> ConnectPlace:
    """The department whose software is connected."""
    if "code" not in visit.args:
        return ConnectPlace(OWN, "/api/v1/department", "")
    code = segment(visit.args["code"])
    return ConnectPlace(f"/admin/departments/{code}/connect", f"/api/v1/admin/departments/{code}", code)


def both(method: str, path: str = "", **options: Any) -> Callable[[Handler], Handler]:
    """Show a page, or take a form, at both addresses."""

    def add(handler: Handler) -> Handler:
        adding = room.get if method == "GET" else room.post
        adding(OWN + path, roles=HEADS, **options)(handler)
        adding(ANY + path, roles=ADMINISTRATORS, **options)(handler)
        return handler

    return add


def show(visit: Visit, template: str, **context: Any) -> Response:
    """A page of this room."""
    place = place_of(visit)
    return visit.page(f"connecting/{template}.html", place=place, nav_key=nav_of(place), **context)


def nav_of(place: ConnectPlace) -> str:
    """The link of the bar that leads here."""
    return "departments" if place.code else "overview"


def replay_of(visit: Visit) -> dict[str, Any]:
    """From where messages come again, as the API takes it. Raises FormError."""
    first, day = visit.form.value("after"), visit.form.value("since")
    if first.isascii() and first.isdigit() and len(first) <= MAX_DIGITS:
        return {"after": max(int(first) - 1, 0)}
    try:
        since = datetime.fromisoformat(day).replace(tzinfo=PAKISTAN) if day and not first else None
    except ValueError:
        since = None
    if since is None or since < datetime.now(PAKISTAN) - timedelta(days=MAX_DAYS):
        visit.form.fail("after", visit.say("Write a number, or choose a day of the last 30 days."))
    return {"since": since.isoformat()}
