"""The first page of an administrator: open tasks, and links to everything else."""

import asyncio
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from gateway.web.administration.room import room
from gateway.web.administration.staff import all_members
from gateway.web.states import TRIAGE
from gateway.web.visit import Visit

PAGE = "administration/home.html"


@room.get("/admin")
async def show(visit: Visit) -> Response:
    """Open tasks: administrators to confirm, drafts, routing rules that are skipped, departments with no user or queue
    at the broker, and holidays that the calendar does not know for certain."""
    staff, departments, services, rules = await asyncio.gather(
        all_members(visit),
        visit.portal.read("/api/v1/admin/departments"),
        visit.portal.read("/api/v1/admin/services"),
        visit.portal.read("/api/v1/admin/routing"),
    )
    return visit.page(
        PAGE,
        staff=staff,
        departments=departments["departments"],
        holidays=departments.get("holidays_to_confirm", []),
        services=services["services"],
        rules=rules,
        triage_unstaffed=not any(one["department"] == TRIAGE and not one["disabled"] for one in staff),
        proposed=[one for one in staff if one["proposed"]],
        drafts=[one for one in services["services"] if one["draft"]],
        amiss=[one for one in departments["departments"] if is_amiss(one["broker"])],
    )


def is_amiss(broker: Mapping[str, Any] | None) -> bool:
    """Whether the broker answers and lacks a department's user or queue."""
    return broker is not None and not (broker["user"] and broker["queue"])
