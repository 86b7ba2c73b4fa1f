"""Where one is signed in, and ending that."""

from starlette.responses import Response

from gateway.web.portal import RefusedError, segment
from gateway.web.staff.room import room
from gateway.web.visit import Visit

API = "/api/v1/me/sessions"


@room.get("/staff/sessions")
async def show(visit: Visit) -> Response:
    """The list."""
    return visit.page("staff/sessions.html", sessions=(await visit.portal.read(API))["sessions"])


@room.post("/staff/sessions")
async def end(visit: Visit) -> Response:
    """End one of them, or all but this one, by the button that was pressed."""
    one = visit.form.value("session")
    try:
        await visit.portal.call("DELETE", f"{API}/{segment(one)}" if one else API)
    except RefusedError as refused:
        if refused.status != 404:  # it has ended already
            raise
    note = visit.say("That device was signed out.") if one else visit.say("All your other devices were signed out.")
    return visit.go("/staff/sessions", note)
