"""Closing one's account for good."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError
from gateway.web.refusals import demand, refuse
from gateway.web.visit import Visit

FORM = "citizen/account/close.html"


@room.get("/my/close")
async def show(visit: Visit) -> Response:
    """What closing means, and the form for it."""
    return visit.page(FORM)


@room.post("/my/close")
async def close(visit: Visit) -> Response:
    """Close the account, once the citizen has ticked the box and typed the password."""
    if not demand(
        visit,
        sure=visit.say("Tick the box if you want to close your account."),
        password=visit.say("Type your password."),
    ):
        return visit.page(FORM)
    try:
        await visit.portal.post("/api/v1/me/erasure", {"password": visit.form.secret("password")})
    except RefusedError as refused:
        refuse(visit, refused, {"password-wrong": "password"})
        return visit.page(FORM, refused.status)
    visit.session.sign_out()
    return visit.go("/", visit.say("Your account is closed. What we kept about you is erased within minutes."))
