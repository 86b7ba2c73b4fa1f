"""Where an administrator begins: what waits, and the ways to everything else."""

import asyncio

from starlette.responses import Response

from gateway.web.administration.departments import all_of
from gateway.web.administration.members import members
from gateway.web.administration.room import room
from gateway.web.visit import Visit

PAGE = "administration/home.html"


@room.get("/admin")
async def show(visit: Visit) -> Response:
    """What waits: administrators to be confirmed, drafts, and departments that the broker knows amiss."""
    staff, departments, services = await asyncio.gather(
        members(visit), all_of(visit), visit.portal.get("/api/v1/admin/services")
    )
    return visit.page(
        PAGE,
        staff=staff,
        departments=departments,
        services=services.data["services"],
        proposed=[one for one in staff if one["proposed"]],
        drafts=[one for one in services.data["services"] if one["draft"]],
        amiss=[one for one in departments if one["broker"] and not (one["broker"]["user"] and one["broker"]["queue"])],
    )
