"""The worklist of a department: due soonest first, with filters that can be bookmarked and saved."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.web.department.bulk import BULK_ACTS
from gateway.web.department.filters import (
    BY,
    ROWS,
    VIEWS,
    Filter,
    tabs_of,
    view_of,
)
from gateway.web.department.room import room
from gateway.web.naming import DisplayNames, names_of
from gateway.web.portal import or_else, unavailable
from gateway.web.session import WebSession
from gateway.web.visit import Visit
from shared.clock import utc_now

LAST_LIST = "desk"
MAX_REMEMBERED = 100
"""Letters of filters that are kept in the session's cookie."""
MAX_PRINTED = 100
Data = Mapping[str, Any]
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A page of assignments; `filed` is what their citizens filed, by number; `next` is the cursor of the next page."""

    assignments: Sequence[Data]
    filed: Mapping[str, Data] = field(default_factory=dict)
    next: str = ""
    complete: bool = True
    """Whether a search found all that there is."""


@room.get("/desk")
async def show(visit: Visit) -> Response:
    """The list with the filters of the address."""
    filters = Filter.of(visit.request.query_params)
    remember(visit.session, filters)
    page, totals, counts, views, team, names = await asyncio.gather(
        page_of(visit, filters),
        totals_of(visit, filters),
        visit.portal.read("/api/v1/assignments/counts"),
        visit.portal.read("/api/v1/desk/views"),
        or_else({"members": []}, visit.portal.read("/api/v1/desk/team"), unavailable),
        names_of(visit),
    )
    return visit.page(
        "department/worklist.html",
        filters=filters,
        work=page,
        counts=counts,
        totals=totals,
        tabs=tabs_of(filters),
        names=names,
        view=view_of(filters),
        views=[view for view in VIEWS if view.always or counts[view.count]],
        saved=[(view["name"], Filter.of_query(view["query"])) for view in (*views["shared"], *views["own"])],
        plain=replace(filters, cursor="", rows=""),
        total=len(page.assignments) if filters.q else totals["list"],
        back=urlencode(filters.address(cursor=filters.cursor)),
        bulk_acts=list(BULK_ACTS.values()),
        offered=choices_of(visit, filters, names, counts, team["members"]),
    )


@room.get("/desk/print")
async def show_on_paper(visit: Visit) -> Response:
    """The list for printing, without anything to press."""
    filters = Filter.of(visit.request.query_params)
    page, totals, names = await asyncio.gather(
        page_of(visit, filters, MAX_PRINTED), totals_of(visit, filters), names_of(visit)
    )
    return visit.page(
        "department/list-print.html",
        printed=utc_now(),
        work=page,
        names=names,
        view=view_of(filters),
        filters=filters,
        total=len(page.assignments) if filters.q else totals["list"],
        back=filters.address(cursor=filters.cursor),
    )


def choices_of(
    visit: Visit, filters: Filter, names: DisplayNames, counts: Data, team: Sequence[Data]
) -> dict[str, list[Choice]]:
    """The choices of the filters: services and districts with open requests, officers, and what is chosen already."""

    def named(codes: Iterable[str], chosen: str, name_of: Callable[[str], Mapping[str, str] | str]) -> list[Choice]:
        known = {code: visit.words.localised(name_of(code)) for code in {*codes, chosen} - {""}}
        return sorted(known.items(), key=lambda item: item[1])

    others = {one["id"]: one["name"] for one in team if one["name"] and one["id"] != visit.account}
    if filters.by and filters.by not in BY:
        others.setdefault(filters.by, visit.say("With one officer"))
    return {
        "services": named(counts["services"], filters.service, names.service),
        "districts": named(counts["districts"], filters.district, names.district),
        "officers": sorted(others.items(), key=lambda item: item[1]),
    }


def remember(session: WebSession, filters: Filter) -> None:
    """Keep the filters, so that "Worklist" on a request's page leads back to this list."""
    address = filters.address(cursor=filters.cursor)
    session.steps.pop(LAST_LIST, None)
    if address and sum(map(len, address.values())) <= MAX_REMEMBERED:
        session.steps[LAST_LIST] = address


async def page_of(visit: Visit, filters: Filter, limit: int = 0) -> WorkPage:
    """The assignments that match the filters. Raises RefusedError."""
    if filters.q:
        return await page_with_words(visit, filters)
    limit = limit or ROWS[filters.rows]
    page = await visit.portal.read("/api/v1/assignments", {**filters.to_query(), "limit": limit})
    numbers = [one["number"] for one in page["assignments"]]
    return WorkPage(page["assignments"], await filed_with_numbers(visit, numbers), page["next"] or "")


async def page_with_words(visit: Visit, filters: Filter) -> WorkPage:
    """The assignments with these words, or whose number begins with them. Raises RefusedError."""
    found = await visit.portal.read("/api/v1/requests/lines", {"q": filters.q})
    filed = by_number(found["requests"])
    if not filed:
        return WorkPage([], complete=found["complete"])
    query = {**filters.to_query(tuple(filed)), "limit": len(filed)}
    listed = (await visit.portal.read("/api/v1/assignments", query))["assignments"]
    return WorkPage(listed, filed, complete=found["complete"])


async def totals_of(visit: Visit, filters: Filter) -> Data:
    """How many match the filters, for each tab. Raises RefusedError."""
    if filters.q:
        return {}
    query = {name: value for name, value in filters.to_query().items() if name not in ("order", "cursor")}
    return await visit.portal.read("/api/v1/assignments/totals", query)


MAX_LINES = 50
"""How many requests one call describes."""


async def filed_with_numbers(visit: Visit, numbers: Sequence[str]) -> dict[str, Data]:
    """What citizens filed, in short, by number. Raises RefusedError."""
    parts = [tuple(numbers[start : start + MAX_LINES]) for start in range(0, len(numbers), MAX_LINES)]
    found = await asyncio.gather(*(visit.portal.read("/api/v1/requests/lines", {"number": part}) for part in parts))
    return by_number(request for one in found for request in one["requests"])


def by_number(requests: Iterable[Data]) -> dict[str, Data]:
    """Requests by their numbers."""
    return {request["number"]: request for request in requests}


@room.get("/desk/live")
async def live(visit: Visit) -> Response:
    """The live stream of the department."""
    return visit.live("/api/v1/assignments/events")
