"""Where one is signed in, and the devices that need no code: to see, and to end."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError, segment
from gateway.web.visit import Visit

SESSIONS, DEVICES = "/api/v1/me/sessions", "/api/v1/me/devices"


@room.get("/my/devices")
async def show(visit: Visit) -> Response:
    """Both lists."""
    sessions = (await visit.portal.get(SESSIONS)).data["sessions"]
    devices = (await visit.portal.get(DEVICES)).data["devices"]
    return visit.page("citizen/account/devices.html", sessions=sessions, devices=devices)


@room.post("/my/devices")
async def end(visit: Visit) -> Response:
    """End a session or all others, or forget a device, by the button that was pressed."""
    form = visit.form
    if form.has("session"):
        await gone(visit, f"{SESSIONS}/{segment(form.value('session'))}")
        return visit.go("/my/devices", visit.say("That device was signed out."))
    if form.has("device"):
        await gone(visit, f"{DEVICES}/{segment(form.value('device'))}")
        return visit.go("/my/devices", visit.say("That device needs a code again when somebody signs in there."))
    await gone(visit, SESSIONS)
    return visit.go("/my/devices", visit.say("All your other devices were signed out."))


async def gone(visit: Visit, path: str) -> None:
    """Delete something; what is not there any more is gone already. Raises RefusedError."""
    try:
        await visit.portal.call("DELETE", path)
    except RefusedError as refused:
        if refused.status != 404:
            raise
