"""Signing in and out: the password, and a code on a new device."""

from contextlib import suppress
from typing import Any

from starlette.responses import Response

from gateway.web.authentication import (
    MAX_SIGN_IN_FORM,
    TOTP_PAGE,
    go_or_show,
    keep_challenge,
    next_page,
    start_session,
)
from gateway.web.citizen.account.codes import CodePage
from gateway.web.citizen.room import room
from gateway.web.portal import RefusedError, Reply
from gateway.web.rooms import ANYBODY
from gateway.web.visit import Visit

FORM, CODE_FORM = "citizen/account/sign-in.html", "citizen/account/sign-in-code.html"
CODES = CodePage("sign-in", "/api/v1/sessions", CODE_FORM, "/sign-in/code", "/sign-in", boxes=("remember",))
LOGIN = "login"
"""The session keeps here a CNIC that was just registered or got another password."""


@room.get("/sign-in", roles=ANYBODY)
async def show(visit: Visit) -> Response:
    """The form for CNIC or mobile, and password."""
    if visit.session.signed_in and not visit.form.submitted:
        return visit.go(next_page(visit, visit.query("next")))
    visit.form.prefill({"next": visit.query("next"), "login": visit.session.steps.get(LOGIN, "")})
    return visit.page(FORM, refused="")


@room.post("/sign-in", roles=ANYBODY, max_bytes=MAX_SIGN_IN_FORM, again=show)
async def sign_in(visit: Visit) -> Response:
    """Check the password; on a new device a code is needed as well."""
    form = visit.form
    login, password = form.value("login"), form.raw("password")
    form.require(
        login=visit.say("Type your CNIC or your mobile number."),
        password=visit.say("Type your password."),
    )
    try:
        reply = await visit.portal.post("/api/v1/sessions", {"login": login, "password": password})
    except RefusedError as refused:
        form.refuse(refused)
        return visit.page(FORM, refused=refused.code)
    if reply.status != 202:
        return await start_session(visit, reply.data, form.value("next"))
    keep_challenge(visit, reply.data, form.value("next"))
    if reply.data["next"] == "totp":
        return visit.go(TOTP_PAGE)
    return await go_or_show(visit, CODES.path, CODES.show)


@CODES.accepts(roles=ANYBODY, max_bytes=MAX_SIGN_IN_FORM)
async def finish(visit: Visit, pending: dict[str, Any], reply: Reply) -> Response:
    """The code was correct: start the session."""
    return await start_session(visit, reply.data, pending["next"])


@room.get("/sign-out", roles=ANYBODY)
async def show_sign_out(visit: Visit) -> Response:
    """Signing out needs the button; the address alone only redirects."""
    return visit.go("/my" if visit.session.signed_in else "/")


@room.post("/sign-out", roles=ANYBODY)
async def sign_out(visit: Visit) -> Response:
    """End the session here and at identity; here also if identity does not answer."""
    if visit.session.signed_in:
        with suppress(RefusedError):
            await visit.portal.call("DELETE", "/api/v1/sessions/current")
    home = "/" if visit.role in ("citizen", "") else "/staff/sign-in"
    visit.session.sign_out()
    return visit.go(home, visit.say("You are signed out."))
