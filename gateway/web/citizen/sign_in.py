"""Signing in and out: password, and a code on a device that is new."""

from starlette.responses import Response

from gateway.web.citizen.room import room
from gateway.web.entering import welcome
from gateway.web.portal import RefusedError
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit

CHALLENGE = "sign-in"


@room.get("/sign-in", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The form for CNIC or mobile, and password."""
    visit.form.begin({"next": visit.query("next")})
    return visit.page("citizen/sign-in.html")


@room.post("/sign-in", roles=ANYBODY)
async def sign_in(visit: Visit) -> Response:
    """Check the password; a new device is asked for a code besides."""
    form = visit.form
    try:
        reply = await visit.portal.post(
            "/api/v1/sessions", {"login": form.value("login"), "password": form.value("password")}
        )
    except RefusedError as refused:
        form.refuse(refused)
        return visit.page("citizen/sign-in.html", refused.status)
    if reply.status == 202:
        visit.session.steps[CHALLENGE] = reply.data
        return visit.page("citizen/sign-in-code.html")
    return await welcome(visit, reply.data, form.value("next"))


@room.get("/sign-in/code", roles=ANYBODY)
async def show_code(visit: Visit) -> Response:
    """The form for the code."""
    if CHALLENGE not in visit.session.steps:
        return visit.go("/sign-in")
    return visit.page("citizen/sign-in-code.html")


@room.post("/sign-in/code", roles=ANYBODY)
async def check_code(visit: Visit) -> Response:
    """Finish signing in with the code."""
    pending = visit.session.steps.get(CHALLENGE)
    if pending is None:
        return visit.go("/sign-in")
    try:
        reply = await visit.portal.post(
            f"/api/v1/sessions/{pending['challenge']}/otp", {"code": visit.form.value("code")}
        )
    except RefusedError as refused:
        visit.form.refuse(refused)
        return visit.page("citizen/sign-in-code.html", refused.status)
    return await welcome(visit, reply.data, visit.form.value("next"))


@room.post("/sign-out", roles=ANYBODY)
async def sign_out(visit: Visit) -> Response:
    """End the session here and at identity."""
    if visit.session.signed_in:
        await visit.portal.call("DELETE", "/api/v1/sessions/current")
    visit.session.sign_out()
    return visit.go("/", visit.say("You are signed out."))
