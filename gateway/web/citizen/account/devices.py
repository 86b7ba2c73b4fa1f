"""The sessions of the account, its known devices, which need no code, and who looked at the citizen's requests."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.naming import department_names
from gateway.web.portal import not_found, or_else, segment
from gateway.web.visit import Visit

SESSIONS, DEVICES = "/api/v1/me/sessions", "/api/v1/me/devices"


@room.get("/my/devices")
async def show(visit: Visit) -> Response:
    """Both lists."""
    sessions = (await visit.portal.read(SESSIONS))["sessions"]
    devices = (await visit.portal.read(DEVICES))["devices"]
    return visit.page("citizen/account/devices.html", sessions=sessions, devices=devices)


@room.post("/my/devices")
async def end(visit: Visit) -> Response:
    """End one session or all others, or forget a device, by the button that was pressed."""
    form = visit.form
    if form.has("session"):
        path, note = f"{SESSIONS}/{segment(form.value('session'))}", visit.say("That device was signed out.")
    elif form.has("device"):
        path = f"{DEVICES}/{segment(form.value('device'))}"
        note = visit.say("That device needs a code again when somebody signs in there.")
    else:
        path, note = SESSIONS, visit.say("All your other devices were signed out.")
    await or_else(None, visit.portal.call("DELETE", path), not_found)
    return visit.go("/my/devices", note)


@room.get("/my/accesses")
async def show_accesses(visit: Visit) -> Response:
    """A page of the access trail, newest first."""
    cursor = visit.query("cursor")
    page = await visit.portal.read("/api/v1/me/accesses", {"limit": 25, "cursor": cursor})
    names = await department_names(visit.portal)
    return visit.page(
        "citizen/account/accesses.html", looks=page["accesses"], older=page["next"], names=names, first=not cursor
    )
