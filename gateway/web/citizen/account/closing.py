"""Closing the account for good."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError
from gateway.web.visit import Visit

FORM = "citizen/account/close.html"
room.template("/my/close", FORM)


@room.post("/my/close")
async def close(visit: Visit) -> Response:
    """Close the account if the box is ticked and the password is right."""
    if not visit.form.require(
        sure=visit.say("Tick the box if you want to close your account."),
        password=visit.say("Type your password."),
    ):
        return visit.page(FORM)
    try:
        await visit.portal.post("/api/v1/me/erasure", {"password": visit.form.raw("password")})
    except RefusedError as refused:
        visit.form.refuse(refused, {"password-wrong": "password"})
        return visit.page(FORM, refused.status)
    visit.session.sign_out()
    return visit.go("/", visit.say("Your account is closed. What we kept about you is erased within minutes."))
