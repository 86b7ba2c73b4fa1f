"""Which members of staff looked at the citizen's requests, and when."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.visit import Visit

AT_ONCE = 25


@room.get("/my/accesses")
async def show(visit: Visit) -> Response:
    """A page of them, newest first."""
    cursor = visit.query("cursor")
    page = (await visit.portal.get("/api/v1/me/accesses", {"limit": AT_ONCE, "cursor": cursor})).data
    known = (await visit.portal.get("/api/v1/departments")).data["departments"]
    names = {one["code"]: one["name"] for one in known}
    return visit.page(
        "citizen/account/accesses.html", looks=page["accesses"], older=page["next"], names=names, first=not cursor
    )
