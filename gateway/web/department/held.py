"""What the checks of verification hold up on its way to the department; its officers may let it pass."""

import asyncio

from starlette.responses import Response

from gateway.web.department.filters import CURSOR
from gateway.web.department.room import room
from gateway.web.naming import names_of
from gateway.web.visit import Visit

OVERRIDERS = frozenset({"officer", "head"})


@room.get("/desk/held", roles=OVERRIDERS)
async def show(visit: Visit) -> Response:
    """The list, longest waiting first. Raises RefusedError."""
    given = visit.query("cursor")
    cursor = given if CURSOR.fullmatch(given) else ""
    page, names = await asyncio.gather(
        visit.portal.get("/api/v1/requests/unverified", {"cursor": cursor, "limit": 25}), names_of(visit)
    )
    return visit.page("department/held.html", page=page.data, names=names, cursor=cursor)
