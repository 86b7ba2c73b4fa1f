"""Lists that an officer saved under a name, and those that the head shares with the department."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from gateway.web.department.filters import Filter
from gateway.web.department.room import oversees, room
from gateway.web.department.worklist import WorkPage, chips_of
from gateway.web.naming import DisplayNames, names_of
from gateway.web.portal import not_found, or_else, segment
from gateway.web.visit import Visit

VIEWS = "/api/v1/desk/views"


@dataclass(frozen=True, slots=True)
class SavedList:
    """A saved list: its name, its filters, and those filters in words."""

    id: str
    name: str
    filters: Filter
    words: Sequence[str]
    shared: bool


@room.get("/desk/views")
async def show(visit: Visit) -> Response:
    """The saved lists, and the form that saves the one in the address. Raises RefusedError."""
    found, names = await asyncio.gather(visit.portal.read(VIEWS), names_of(visit))
    filters = Filter.of(dict(parse_qsl(visit.form.value("filters"))) or visit.request.query_params)
    return visit.page(
        "department/views.html",
        filters=filters,
        kept=urlencode(filters.address(q="")),
        words=words_of(visit, filters, names),
        own=[saved_list(visit, view, names, shared=False) for view in found["own"]],
        shared=[saved_list(visit, view, names, shared=True) for view in found["shared"]],
        oversees=oversees(visit),
    )


@room.post("/desk/views", again=show)
async def save(visit: Visit) -> Response:
    """Save a list. Raises RefusedError."""
    form = visit.form
    filters = Filter.of(dict(parse_qsl(form.value("filters"))))
    form.require(name=visit.say("Give the list a name."))
    where = f"{VIEWS}/shared" if form.value("shared") and oversees(visit) else VIEWS
    body = {"name": form.value("name"), "query": filters.to_saved_query()}
    await visit.portal.call("PUT", f"{where}/{form.key}", body=body)
    return visit.go("/desk", visit.say("The list is saved. You find it beside the worklist."), **filters.address())


@room.get("/desk/views/remove")
async def show_nothing(visit: Visit) -> Response:
    """This address has no page of its own."""
    return visit.go("/desk/views")


@room.post("/desk/views/remove")
async def remove(visit: Visit) -> Response:
    """Remove a saved list; one that was removed before is gone all the same. Raises RefusedError."""
    where = f"{VIEWS}/shared" if visit.form.value("shared") else VIEWS
    removing = visit.portal.call("DELETE", f"{where}/{segment(visit.form.value('id'))}")
    await or_else(None, removing, not_found)
    return visit.go("/desk/views", visit.say("The list is removed."))


def saved_list(visit: Visit, view: Mapping[str, Any], names: DisplayNames, *, shared: bool) -> SavedList:
    """A saved list of the API."""
    filters = Filter.of_query(view["query"])
    return SavedList(view["id"], view["name"], filters, words_of(visit, filters, names), shared)


def words_of(visit: Visit, filters: Filter, names: DisplayNames) -> list[str]:
    """The filters that are kept, in words."""
    return [chip.words for chip in chips_of(visit, Filter.of(filters.address(q="")), names, WorkPage([]))]
