"""Choosing a password instead of the start password or an older one."""

from starlette.responses import Response

from gateway.web.staff.room import room
from gateway.web.staff.sign_in import sign_in_again
from gateway.web.visit import Visit

NAMES = {
    "password-wrong": "current_password",
    "new-password-refused": "new_password",
    "/current": "current_password",
    "/new": "new_password",
}


@room.get("/staff/password", limited=True)
async def show(visit: Visit) -> Response:
    """The form."""
    return visit.page("staff/password.html", own=await visit.portal.read("/api/v1/me"))


@room.post("/staff/password", limited=True, again=show, names=NAMES)
async def change(visit: Visit) -> Response:
    """Change the password. All sessions end, this one too."""
    form, own = visit.form, await visit.portal.read("/api/v1/me")
    form.require(
        current_password=visit.say("Type your current password."),
        new_password=visit.say("Choose a new password."),
    )
    body = {"current": form.raw("current_password"), "new": form.raw("new_password")}
    await visit.portal.post("/api/v1/me/staff-password", body)
    return sign_in_again(visit, own["login"], visit.say("Your new password is set. Sign in with it now."))
