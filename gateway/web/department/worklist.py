"""The worklist of a department: due soonest first, narrowed by filters that can be bookmarked, accepted in bulk."""

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
Assignment = Mapping[str, Any]
Line = Mapping[str, Any]
Choice = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of assignments; `told` is what their citizens say, by number, `following` the cursor of the next."""

    assignments: Sequence[Assignment]
    told: Mapping[str, Line] = field(default_factory=dict)
    following: str = ""


@room.get("/desk")
async def show(visit: Visit) -> Response:
    """The list that the address asks for."""
    asked = Filter.of(visit.request.query_params)
    remember(visit.session, asked)
    listed, counts, names = await asyncio.gather(
        listed_for(visit, asked), visit.portal.get("/api/v1/assignments/counts"), names_of(visit)
    )
    return visit.page(
        "department/worklist.html",
        asked=asked,
        listed=listed,
        counts=counts.data,
        names=names,
        view=view_of(asked),
        views=[view for view in VIEWS if view.always or counts.data[view.count]],
        chips=chips_of(visit, asked, names, listed),
        total=total_of(asked, listed, counts.data),
        back=urlencode(asked.address(cursor=asked.cursor)),
        offered=choices_of(visit, asked, names, counts.data),
    )


def choices_of(
    visit: Visit, asked: Filter, names: DisplayNames, counts: Mapping[str, Any]
) -> dict[str, list[tuple[str, str]]]:
    """What the filters offer: services and districts of which something is open, and what is chosen already."""

    def named(codes: Iterable[str], chosen: str, name_of: Callable[[str], Mapping[str, str] | str]) -> list[Choice]:
        known = {code: visit.words.localised(name_of(code)) for code in {*codes, chosen} - {""}}
        return sorted(known.items(), key=lambda item: item[1])

    def said(words: Mapping[str, str]) -> list[Choice]:
        return [(value, visit.words.say(text)) for value, text in words.items()]

    return {
        "services": named(counts["services"], asked.service, names.service),
        "districts": named(counts["districts"], asked.district, names.district),
        "state_words": said(STATES),
        "due_words": said(DUE),
        "order_words": said(ORDERS),
    }


def remember(session: WebSession, asked: Filter) -> None:
    """Keep which list is looked at, so that the way back from a request leads there."""
    address = asked.address(cursor=asked.cursor)
    session.steps.pop(LAST_LIST, None)
    if address and sum(map(len, address.values())) <= MAX_REMEMBERED:
        session.steps[LAST_LIST] = address


async def listed_for(visit: Visit, asked: Filter) -> Listed:
    """The assignments that are asked for, with what their citizens say."""
    if asked.q:
        return await found_by_words(visit, asked)
    page = await visit.portal.get("/api/v1/assignments", {**asked.asked(), "limit": ON_A_PAGE})
    numbers = tuple(one["number"] for one in page.data["assignments"])
    return Listed(page.data["assignments"], await lines_of(visit, {"number": numbers}), page.data["next"] or "")


async def found_by_words(visit: Visit, asked: Filter) -> Listed:
    """Those that hold the words, or whose number begins so; at most as many as the API looks for at once."""
    told = await lines_of(visit, {"q": asked.q})
    if not told:
        return Listed([])
    page = await visit.portal.get("/api/v1/assignments", {**asked.asked(tuple(told)), "limit": len(told)})
    return Listed(page.data["assignments"], told)


async def lines_of(visit: Visit, query: Mapping[str, Any]) -> dict[str, Line]:
    """What citizens say, by number; without a number there is nothing to ask for."""
    if not any(query.values()):
        return {}
    lines = (await visit.portal.read("/api/v1/requests/lines", query))["requests"]
    return {line["number"]: line for line in lines}


def total_of(asked: Filter, listed: Listed, counts: Mapping[str, Any]) -> int | None:
    """How many there are in all, where that is known."""
    if not asked.cursor and not listed.following:
        return len(listed.assignments)
    view = view_of(asked)
    return counts[view.count] if view else None


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, and the address without it."""

    words: str
    without: Mapping[str, str]


def chips_of(visit: Visit, asked: Filter, names: DisplayNames, listed: Listed) -> list[Chip]:
    """The filters that are on, as words."""
    words = visit.words
    said: dict[str, Callable[[], str]] = {
        "q": lambda: f"“{asked.q}”",
        "state": lambda: words.say(STATES[asked.state]),
        "service": lambda: words.localised(names.service(asked.service)),
        "district": lambda: words.localised(names.district(asked.district)),
        "due": lambda: words.say(DUE[asked.due]),
        "by": lambda: worker_named(visit, asked.by, listed),
        "head": lambda: words.say("For the head"),
        "kind": lambda: words.say(KINDS[asked.kind]),
    }
    return [Chip(words_of(), asked.address(**{name: ""})) for name, words_of in said.items() if getattr(asked, name)]


def worker_named(visit: Visit, account: str, listed: Listed) -> str:
    """Whose work is asked for."""
    if account in BY:
        return visit.say(BY[account])
    workers = (one["with"] for one in listed.assignments if one["with"])
    name = next((worker["name"] for worker in workers if worker["id"] == account), None)
    return visit.say("With %(name)s", name=name) if name else visit.say("With one officer")


@room.get("/desk/live")
async def live(visit: Visit) -> Response:
    """What happens at the department, as it happens."""
    return visit.live("/api/v1/assignments/events")
