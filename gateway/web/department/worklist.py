"""The worklist of a department: due soonest first, with filters that can be bookmarked."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from gateway.web.department.filters import BY, DUE, KINDS, ORDERS, STATES, VIEWS, Filter, view_of
from gateway.web.department.room import room
from gateway.web.naming import DisplayNames, names_of
from gateway.web.session import WebSession
from gateway.web.visit import Visit

ON_A_PAGE = 25
LAST_LIST = "desk"
MAX_REMEMBERED = 100
"""Letters of filters that are kept in the session's cookie."""
Data = Mapping[str, Any]
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class WorkPage:
    """A page of assignments; `filed` is what their citizens filed, by number; `next` is the cursor of the next page."""

    assignments: Sequence[Data]
    filed: Mapping[str, Data] = field(default_factory=dict)
    next: str = ""


@room.get("/desk")
async def show(visit: Visit) -> Response:
    """The list with the filters of the address."""
    filters = Filter.of(visit.request.query_params)
    remember(visit.session, filters)
    page, counts, names = await asyncio.gather(
        page_of(visit, filters), visit.portal.read("/api/v1/assignments/counts"), names_of(visit)
    )
    return visit.page(
        "department/worklist.html",
        filters=filters,
        work=page,
        counts=counts,
        names=names,
        view=view_of(filters),
        views=[view for view in VIEWS if view.always or counts[view.count]],
        chips=chips_of(visit, filters, names, page),
        total=total_of(filters, page, counts),
        back=urlencode(filters.address(cursor=filters.cursor)),
        offered=choices_of(visit, filters, names, counts),
    )


def choices_of(visit: Visit, filters: Filter, names: DisplayNames, counts: Data) -> dict[str, list[Choice]]:
    """The choices of the filters: services and districts with open requests, and those that are chosen already."""

    def named(codes: Iterable[str], chosen: str, name_of: Callable[[str], Mapping[str, str] | str]) -> list[Choice]:
        known = {code: visit.words.localised(name_of(code)) for code in {*codes, chosen} - {""}}
        return sorted(known.items(), key=lambda item: item[1])

    def labelled(labels: Mapping[str, str]) -> list[Choice]:
        return [(value, visit.say(label)) for value, label in labels.items()]

    return {
        "services": named(counts["services"], filters.service, names.service),
        "districts": named(counts["districts"], filters.district, names.district),
        "state_words": labelled(STATES),
        "due_words": labelled(DUE),
        "order_words": labelled(ORDERS),
    }


def remember(session: WebSession, filters: Filter) -> None:
    """Keep the filters, so that "Worklist" on a request's page leads back to this list."""
    address = filters.address(cursor=filters.cursor)
    session.steps.pop(LAST_LIST, None)
    if address and sum(map(len, address.values())) <= MAX_REMEMBERED:
        session.steps[LAST_LIST] = address


async def page_of(visit: Visit, filters: Filter) -> WorkPage:
    """The assignments that match the filters. Raises RefusedError."""
    if filters.q:
        return await page_with_words(visit, filters)
    page = await visit.portal.read("/api/v1/assignments", {**filters.to_query(), "limit": ON_A_PAGE})
    numbers = tuple(one["number"] for one in page["assignments"])
    return WorkPage(page["assignments"], await filed_by_number(visit, {"number": numbers}), page["next"] or "")


async def page_with_words(visit: Visit, filters: Filter) -> WorkPage:
    """The assignments with these words, or whose number begins with them. Raises RefusedError."""
    filed = await filed_by_number(visit, {"q": filters.q})
    if not filed:
        return WorkPage([])
    query = {**filters.to_query(tuple(filed)), "limit": len(filed)}
    return WorkPage((await visit.portal.read("/api/v1/assignments", query))["assignments"], filed)


async def filed_by_number(visit: Visit, query: Mapping[str, Any]) -> dict[str, Data]:
    """What citizens filed, in short, by number. Raises RefusedError."""
    if not any(query.values()):
        return {}
    found = (await visit.portal.read("/api/v1/requests/lines", query))["requests"]
    return {request["number"]: request for request in found}


def total_of(filters: Filter, page: WorkPage, counts: Data) -> int | None:
    """The number of all matching assignments, if it is known."""
    if not filters.cursor and not page.next:
        return len(page.assignments)
    view = view_of(filters)
    return counts[view.count] if view else None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address without it."""

    words: str
    without: Mapping[str, str]


def chips_of(visit: Visit, filters: Filter, names: DisplayNames, page: WorkPage) -> list[Chip]:
    """The filters that are on, in words."""
    words = visit.words
    labels: dict[str, Callable[[], str]] = {
        "q": lambda: f"“{filters.q}”",
        "state": lambda: words.say(STATES[filters.state]),
        "service": lambda: words.localised(names.service(filters.service)),
        "district": lambda: words.localised(names.district(filters.district)),
        "due": lambda: words.say(DUE[filters.due]),
        "by": lambda: worker_label(visit, filters.by, page),
        "head": lambda: words.say("For the head"),
        "kind": lambda: words.say(KINDS[filters.kind]),
    }
    return [Chip(label(), filters.address(**{name: ""})) for name, label in labels.items() if getattr(filters, name)]


def worker_label(visit: Visit, account: str, page: WorkPage) -> str:
    """The label of the filter for an officer's work."""
    if account in BY:
        return visit.say(BY[account])
    workers = (one["with"] for one in page.assignments if one["with"])
    name = next((worker["name"] for worker in workers if worker["id"] == account), None)
    return visit.say("With %(name)s", name=name) if name else visit.say("With one officer")


@room.get("/desk/live")
async def live(visit: Visit) -> Response:
    """The live stream of the department."""
    return visit.live("/api/v1/assignments/events")
