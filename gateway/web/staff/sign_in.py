"""Signing in: login and password, then a code of the authenticator app."""

from starlette.responses import Response

from gateway.web.entering import HOMES, welcome
from gateway.web.portal import RefusedError
from gateway.web.rooms import ANYBODY
from gateway.web.staff.room import room
from gateway.web.visit import Visit


@room.get("/staff/sign-in", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The form for login and password."""
    visit.form.begin({"next": visit.query("next")})
    return visit.page("staff/sign-in.html")


@room.post("/staff/sign-in", roles=ANYBODY)
async def sign_in(visit: Visit) -> Response:
    """Check the password."""
    form = visit.form
    try:
        reply = await visit.portal.post(
            "/api/v1/sessions", {"login": form.value("login"), "password": form.value("password")}
        )
    except RefusedError as refused:
        form.refuse(refused)
        return visit.page("staff/sign-in.html", refused.status)
    return await welcome(visit, reply.data, form.value("next"))


@room.get("/staff")
async def begin(visit: Visit) -> Response:
    """Where one's work begins."""
    assert visit.session.signed_in is not None
    return visit.go(HOMES[visit.session.signed_in.role])
