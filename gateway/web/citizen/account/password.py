"""Changing the password with the current one."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.visit import Visit

NAMES = {
    "password-wrong": "current_password",
    "new-password-refused": "new_password",
    "/current": "current_password",
    "/password": "new_password",
}
show = room.template("/my/password", "citizen/account/password.html")


@room.post("/my/password", again=show, names=NAMES)
async def change(visit: Visit) -> Response:
    """Change the password; all other sessions end."""
    form = visit.form
    form.require(
        current_password=visit.say("Type your current password."),
        new_password=visit.say("Choose a new password."),
    )
    body = {"current": form.raw("current_password"), "password": form.raw("new_password")}
    await visit.portal.call("PUT", "/api/v1/me/password", body=body)
    return visit.go("/my/data", visit.say("Your new password is set. All your other devices were signed out."))
