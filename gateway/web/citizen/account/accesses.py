"""Which members of staff looked at the citizen's requests, and when."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.naming import department_names
from gateway.web.visit import Visit


@room.get("/my/accesses")
async def show(visit: Visit) -> Response:
    """A page of the access trail, newest first."""
    cursor = visit.query("cursor")
    page = await visit.portal.read("/api/v1/me/accesses", {"limit": 25, "cursor": cursor})
    names = await department_names(visit.portal)
    return visit.page(
        "citizen/account/accesses.html", looks=page["accesses"], older=page["next"], names=names, first=not cursor
    )
