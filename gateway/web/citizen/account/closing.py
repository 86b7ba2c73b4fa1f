"""Closing the account for good."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.visit import Visit

show = room.template("/my/close", "citizen/account/close.html")


@room.post("/my/close", again=show, names={"password-wrong": "password"})
async def close(visit: Visit) -> Response:
    """Close the account if the box is ticked and the password is right."""
    visit.form.require(
        sure=visit.say("Tick the box if you want to close your account."),
        password=visit.say("Type your password."),
    )
    await visit.portal.post("/api/v1/me/erasure", {"password": visit.form.raw("password")})
    visit.session.sign_out()
    return visit.go("/", visit.say("Your account is closed. What we kept about you is erased within minutes."))
