"""Requests that verification holds up before they reach the department; its officers may let them pass."""

import asyncio

from starlette.responses import Response

from gateway.web.department.filters import CURSOR
from gateway.web.department.room import room
from gateway.web.naming import names_of
from gateway.web.visit import Visit


@room.get("/desk/held", roles=frozenset({"officer", "head"}))
async def show(visit: Visit) -> Response:
    """The list, longest waiting first. Raises RefusedError."""
    cursor = visit.query("cursor") if CURSOR.fullmatch(visit.query("cursor")) else ""
    page, names = await asyncio.gather(
        visit.portal.read("/api/v1/requests/unverified", {"cursor": cursor, "limit": 25}), names_of(visit)
    )
    return visit.page("department/held.html", page=page, names=names, cursor=cursor)
