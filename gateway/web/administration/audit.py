"""The audit: what administrators and clerks did, and whether every entry is unchanged; for auditors."""

import asyncio

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.visit import Visit

PAGE = "administration/audit.html"
API = "/api/v1/admin/audit"
AUDITOR = frozenset({"auditor"})


@room.get("/admin/audit", roles=AUDITOR)
async def show(visit: Visit) -> Response:
    """The entries, newest first, and the result of checking them. Raises RefusedError."""
    cursor = visit.query("cursor")
    page, verdict = await asyncio.gather(
        visit.portal.read(API, {"limit": 50, "cursor": cursor}), visit.portal.read(f"{API}/verdict")
    )
    return visit.page(PAGE, entries=page["entries"], following=page["next"], verdict=verdict, cursor=cursor)
