"""Lists that an officer saved under a name, and those that the head shares with the department."""

import asyncio
from urllib.parse import parse_qsl, urlencode

from starlette.responses import Response

from gateway.web.department.filters import Filter
from gateway.web.department.room import oversees, room
from gateway.web.naming import names_of
from gateway.web.portal import not_found, or_else, segment
from gateway.web.visit import Visit

VIEWS = "/api/v1/desk/views"
room.redirect("/desk/views/remove", "/desk/views")


@room.get("/desk/views")
async def show(visit: Visit) -> Response:
    """The saved lists, and the form that saves the one in the address. Raises RefusedError."""
    found, names = await asyncio.gather(visit.portal.read(VIEWS), names_of(visit))
    filters = Filter.of(dict(parse_qsl(visit.form.value("filters"))) or visit.request.query_params)
    return visit.page(
        "department/views.html",
        filters=filters,
        kept=urlencode(filters.address(q="")),
        names=names,
        own=[{**view, "filters": Filter.of_query(view["query"])} for view in found["own"]],
        shared=[{**view, "filters": Filter.of_query(view["query"])} for view in found["shared"]],
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


@room.post("/desk/views/remove")
async def remove(visit: Visit) -> Response:
    """Remove a saved list; one that was removed before is gone all the same. Raises RefusedError."""
    where = f"{VIEWS}/shared" if visit.form.value("shared") else VIEWS
    removing = visit.portal.call("DELETE", f"{where}/{segment(visit.form.value('id'))}")
    await or_else(None, removing, not_found)
    return visit.go("/desk/views", visit.say("The list is removed."))
