"""Opening a request that was filed without a name, with its number and its key.

No address contains the key: the browser's session keeps it until the holder removes it.
"""

from starlette.responses import Response

from gateway.web.citizen.requests.holder import NAMELESS, Holder
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError, segment
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit

FORM = "citizen/requests/anonymous.html"
MIN_KEY = 16

room.template("/anonymous/{number}/leave", "citizen/requests/leave.html", roles=ANYBODY)


@room.get(NAMELESS, roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The form for number and key, and the requests that this browser has opened already."""
    visit.private = True
    visit.form.prefill({"number": visit.query("number")})
    return visit.page(FORM, opened=list(visit.session.keys))


@room.post(NAMELESS, roles=ANYBODY)
async def enter(visit: Visit) -> Response:
    """Open a request with its key. Raises RefusedError."""
    form, number, key = visit.form, segment(visit.form.value("number")), segment(visit.form.value("key"))
    if not form.value("number"):
        form.add_error("number", visit.say("Write the tracking number, such as RB-7F3K-9Q2M-E."))
    if len(key.replace("-", "")) < MIN_KEY:
        form.add_error("key", visit.say("The key has 16 letters and digits. Copy all of it."))
    if form.failed:
        return visit.page(FORM, opened=list(visit.session.keys))
    try:
        request = (await Holder(visit, number, key).read()).data
    except RefusedError as refused:
        if refused.status not in (404, 422):
            raise
        form.general_error = visit.say("No request has this number and this key. Look at both again.")
        return visit.page(FORM, 404, opened=list(visit.session.keys))
    visit.session.remember(visit.session.keys, request["number"], key)
    return visit.go(f"{NAMELESS}/{request['number']}")


@room.post("/anonymous/{number}/leave", roles=ANYBODY)
async def leave(visit: Visit) -> Response:
    """Forget the key."""
    visit.session.keys.pop(segment(visit.args["number"]), None)
    return visit.go(NAMELESS, visit.say("This device has forgotten the key."))
