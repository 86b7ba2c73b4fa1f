"""Changing the password with the current one."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

FORM = "citizen/account/password.html"
NAMES = {
    "password-wrong": "current_password",
    "new-password-refused": "new_password",
    "/current": "current_password",
    "/password": "new_password",
}
room.template("/my/password", FORM)


@room.post("/my/password")
async def change(visit: Visit) -> Response:
    """Change the password; all other sessions end."""
    form = visit.form
    if not form.require(
        current_password=visit.say("Type your current password."),
        new_password=visit.say("Choose a new password."),
    ):
        return visit.page(FORM)
    body = {"current": form.raw("current_password"), "password": form.raw("new_password")}
    try:
        await visit.portal.call("PUT", "/api/v1/me/password", body=body)
    except RefusedError as refused:
        form.refuse(refused, NAMES)
        return visit.page(FORM, refused.status)
    return visit.go("/my/data", visit.say("Your new password is set. All your other devices were signed out."))
