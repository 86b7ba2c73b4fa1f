"""Requests of others that the citizen follows."""

from starlette.responses import Response

from gateway.web.citizen.requests.dashboard import MAX_CURSOR, names_in
from gateway.web.citizen.requests.holder import OWN
from gateway.web.citizen.room import room
from gateway.web.portal import segment
from gateway.web.visit import Visit

room.template("/my/requests/{number}/unfollow", "citizen/requests/unfollow.html")
room.template("/my/requests/{number}/follow", "citizen/requests/follow.html")


@room.get("/my/followed")
async def followed(visit: Visit) -> Response:
    """The list. Raises RefusedError."""
    cursor = visit.query("cursor")
    page = await visit.portal.read("/api/v1/requests/followed", {"cursor": cursor[:MAX_CURSOR]})
    names = await names_in(visit, page)
    return visit.page("citizen/requests/followed.html", page=page, names=names, cursor=cursor)


@room.post("/my/requests/{number}/unfollow")
async def unfollow(visit: Visit) -> Response:
    """Stop following. Raises RefusedError."""
    number = segment(visit.args["number"])
    await visit.portal.call("DELETE", f"/api/v1/requests/{number}/follow")
    return visit.go("/my/followed", visit.say("You no longer follow %(number)s.", number=number))


@room.post("/my/requests/{number}/follow")
async def follow(visit: Visit) -> Response:
    """Follow the request. Raises RefusedError."""
    number = segment(visit.args["number"])
    reply = await visit.portal.call("PUT", f"/api/v1/requests/{number}/follow")
    return visit.go(f"{OWN}/{reply.data['number']}", visit.say("You follow it now. We tell you about every step."))
