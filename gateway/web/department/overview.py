"""What the head of a department, or an appellate authority, looks after: disputes first, then what is late."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from gateway.web.department.room import room
from gateway.web.department.worklist import lines_of
from gateway.web.naming import names_of
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

OVERSEERS = frozenset({"head", "appellate"})
MAX_DECISIONS, MAX_LATE = 10, 10
MAX_READ = 5
"""Of how many disputes the reason is read; each reading stands in its citizen's access trail."""
Data = Mapping[str, Any]


@room.get("/desk/overview", roles=OVERSEERS)
async def show(visit: Visit) -> Response:
    """All of it. Raises RefusedError."""
    me = visit.session.signed_in
    wanted = {"kind": "appeal"} if me and me.role == "appellate" else {"for_head": "true"}
    sums, counts, waiting, late, names = await asyncio.gather(
        visit.portal.get("/api/v1/assignments/overview"),
        visit.portal.get("/api/v1/assignments/counts"),
        visit.portal.get("/api/v1/assignments", {**wanted, "limit": MAX_DECISIONS}),
        visit.portal.get("/api/v1/assignments", {"late": "true", "limit": MAX_LATE}),
        names_of(visit),
    )
    listed = [*waiting.data["assignments"], *late.data["assignments"]]
    told, brought = await asyncio.gather(
        lines_of(visit, {"number": tuple(dict.fromkeys(one["number"] for one in listed))}),
        brought_by(visit, waiting.data["assignments"]),
    )
    return visit.page(
        "department/overview.html",
        sums=sums.data,
        counts=counts.data,
        decisions=waiting.data["assignments"],
        brought=brought,
        late=late.data["assignments"],
        told=told,
        names=names,
        wanted={"kind": "appeal"} if "kind" in wanted else {"head": "yes"},
    )


async def brought_by(visit: Visit, assignments: Sequence[Data]) -> dict[str, Data | None]:
    """By number the steps that brought the first few to the head."""
    numbers = [one["number"] for one in assignments if one["for_head"]][:MAX_READ]
    steps = await asyncio.gather(*(last_of(visit, number) for number in numbers))
    return dict(zip(numbers, steps, strict=True))


async def last_of(visit: Visit, number: str) -> Data | None:
    """The last dispute or remittal in a history; None where it cannot be read."""
    try:
        history = (await visit.portal.read(f"/api/v1/requests/{number}"))["history"]
    except RefusedError:
        return None
    return next((step for step in reversed(history) if step["action"] in ("dispute", "remit")), None)
