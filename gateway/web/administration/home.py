"""The first page of an administrator: open tasks, and links to everything else."""

import asyncio

from starlette.responses import Response

from gateway.web.administration.departments import all_of
from gateway.web.administration.room import room
from gateway.web.administration.staff import all_members
from gateway.web.visit import Visit

PAGE = "administration/home.html"


@room.get("/admin")
async def show(visit: Visit) -> Response:
    """Open tasks: administrators to confirm, drafts, and departments with no user or queue at the broker."""
    staff, departments, services = await asyncio.gather(
        all_members(visit), all_of(visit), visit.portal.read("/api/v1/admin/services")
    )
    return visit.page(
        PAGE,
        staff=staff,
        departments=departments,
        services=services["services"],
        proposed=[one for one in staff if one["proposed"]],
        drafts=[one for one in services["services"] if one["draft"]],
        amiss=[one for one in departments if one["broker"] and not (one["broker"]["user"] and one["broker"]["queue"])],
    )
