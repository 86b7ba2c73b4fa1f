"""The overview of a head or an appellate authority, decisions first; and requests that verification holds up."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.web.department.filters import CURSOR
from gateway.web.department.room import OVERSEERS, room
from gateway.web.department.worklist import filed_with_numbers
from gateway.web.naming import names_of
from gateway.web.portal import or_else
from gateway.web.visit import Visit

MAX_LISTED = 10
MAX_READ = 5
"""For how many disputes the reason is read; each reading is listed in the citizen's access trail."""
Data = Mapping[str, Any]


@room.get("/desk/overview", roles=OVERSEERS)
async def show(visit: Visit) -> Response:
    """The overview. Raises RefusedError."""
    decides_appeals = visit.role == "appellate"
    to_decide = {"kind": "appeal"} if decides_appeals else {"for_head": "true"}
    sums, counts, decisions, late, names = await asyncio.gather(
        visit.portal.read("/api/v1/assignments/overview"),
        visit.portal.read("/api/v1/assignments/counts"),
        visit.portal.read("/api/v1/assignments", {**to_decide, "limit": MAX_LISTED}),
        visit.portal.read("/api/v1/assignments", {"late": "true", "limit": MAX_LISTED}),
        names_of(visit),
    )
    listed = [*decisions["assignments"], *late["assignments"]]
    filed, reasons = await asyncio.gather(
        filed_with_numbers(visit, list(dict.fromkeys(one["number"] for one in listed))),
        reasons_of(visit, decisions["assignments"]),
    )
    return visit.page(
        "department/overview.html",
        sums=sums,
        counts=counts,
        decisions=decisions["assignments"],
        reasons=reasons,
        late=late["assignments"],
        filed=filed,
        names=names,
        wanted={"kind": "appeal"} if decides_appeals else {"head": "yes"},
    )


async def reasons_of(visit: Visit, assignments: Sequence[Data]) -> dict[str, Data | None]:
    """For the first assignments that wait for the head: the step that brought each there, by number."""
    numbers = [one["number"] for one in assignments if one["for_head"]][:MAX_READ]
    steps = await asyncio.gather(*(last_dispute(visit, number) for number in numbers))
    return dict(zip(numbers, steps, strict=True))


async def last_dispute(visit: Visit, number: str) -> Data | None:
    """The last dispute or remittal of a request; None if it cannot be read."""
    request = await or_else(None, visit.portal.read(f"/api/v1/requests/{number}"))
    history = request["history"] if request else []
    return next((step for step in reversed(history) if step["action"] in ("dispute", "remit")), None)


@room.get("/desk/held", roles=frozenset({"officer", "head"}))
async def show_held(visit: Visit) -> Response:
    """The list, longest waiting first. Raises RefusedError."""
    cursor = visit.query("cursor") if CURSOR.fullmatch(visit.query("cursor")) else ""
    page, names = await asyncio.gather(
        visit.portal.read("/api/v1/requests/unverified", {"cursor": cursor, "limit": 25}), names_of(visit)
    )
    return visit.page("department/held.html", page=page, names=names, cursor=cursor)
