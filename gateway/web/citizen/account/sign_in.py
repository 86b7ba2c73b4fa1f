"""Signing in and out: password, and a code on a device that is new."""

from contextlib import suppress

from starlette.responses import Response

from gateway.web.citizen.account.codes import SEND, CodeWay
from gateway.web.citizen.room import room
from gateway.web.entering import MAX_WAITING, TOTP_PAGE, keep_challenge, next_page, onward, welcome
from gateway.web.portal import RefusedError
from gateway.web.refusals import demand, refuse
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit

FORM, CODE_FORM = "citizen/account/sign-in.html", "citizen/account/sign-in-code.html"
CODES = CodeWay("sign-in", "/api/v1/sessions", CODE_FORM, "/sign-in/code", "/sign-in")
LOGIN = "login"
"""What the session keeps of a CNIC that was just registered or got another password."""


@room.get("/sign-in", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The form for CNIC or mobile, and password."""
    if visit.session.signed_in and not visit.form.sent:
        return visit.go(next_page(visit, visit.query("next")))
    visit.form.begin({"next": visit.query("next"), "login": visit.session.steps.get(LOGIN, "")})
    return visit.page(FORM, refused="")


@room.post("/sign-in", roles=ANYBODY, most_bytes=MAX_WAITING)
async def sign_in(visit: Visit) -> Response:
    """Check the password; a new device is asked for a code besides."""
    form = visit.form
    login, password = form.value("login"), form.secret("password")
    if not demand(
        visit,
        login=visit.say("Type your CNIC or your mobile number."),
        password=visit.say("Type your password."),
    ):
        return visit.page(FORM, refused="")
    try:
        reply = await visit.portal.post("/api/v1/sessions", {"login": login, "password": password})
    except RefusedError as refused:
        refuse(visit, refused)
        return visit.page(FORM, refused.status, refused=refused.code)
    if reply.status != 202:
        return await welcome(visit, reply.data, form.value("next"))
    keep_challenge(visit, reply.data, form.value("next"))
    if reply.data["next"] == "totp":
        return visit.go(TOTP_PAGE)
    return await onward(visit, CODES.path, CODES.show)


@room.get("/sign-in/code", roles=ANYBODY)
async def show_code(visit: Visit) -> Response:
    """The form for the code."""
    return await CODES.show(visit)


@room.post("/sign-in/code", roles=ANYBODY, most_bytes=MAX_WAITING)
async def check_code(visit: Visit) -> Response:
    """Finish signing in with the code, or ask for another."""
    pending = CODES.pending(visit)
    if pending is None or visit.form.has(SEND):
        return await CODES.send_again(visit)
    try:
        reply = await CODES.answer(visit, pending, remember=visit.form.has("remember"))
    except RefusedError as refused:
        return await CODES.show(visit, refused.status)
    return await welcome(visit, reply.data, pending["next"])


@room.get("/sign-out", roles=ANYBODY)
async def show_sign_out(visit: Visit) -> Response:
    """Signing out takes a button; the address alone only leads on."""
    return visit.go("/my" if visit.session.signed_in else "/")


@room.post("/sign-out", roles=ANYBODY)
async def sign_out(visit: Visit) -> Response:
    """End the session here and at identity; here in any case, since somebody else may use this device next."""
    me = visit.session.signed_in
    if me:
        with suppress(RefusedError):
            await visit.portal.call("DELETE", "/api/v1/sessions/current")
    visit.session.sign_out()
    staff = me is not None and me.role != "citizen"
    return visit.go("/staff/sign-in" if staff else "/", visit.say("You are signed out."))
